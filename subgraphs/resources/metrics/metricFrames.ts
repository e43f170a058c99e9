import { pause } from '../../../platform/pause.js';
import type { LatestMetrics } from './latestMetrics.js';
import type { Measured } from './reading.js';

/** What one frame shows, and how many frames the reader was too slow for before it. */
export type Frame = { readonly measured: readonly Measured[]; readonly skipped: number };

/** Nodes are measured one by one: what comes within this time goes into one frame. */
const GATHER_MS = 50;

/**
 * Frames of the devices that `select` chooses at that moment: first what is known, then what changed since the frame
 * before, at most `maxHz` times a second. Who reads slower gets the newest values and the number of frames left out.
 * Ends when the signal aborts.
 */
export async function* metricFrames(options: {
  latest: LatestMetrics;
  select: () => Promise<Iterable<string>>;
  maxHz: number;
  signal: AbortSignal;
  now?: () => number;
}): AsyncGenerator<Frame> {
  const { latest, select, signal, now = Date.now } = options;
  const intervalMs = 1_000 / options.maxHz;
  let sequence = 0;
  let skipped = 0;
  let known = new Set<string>();
  while (!signal.aborted) {
    const selected = new Set(await select());
    const shown = latest.sequence();
    const added = [...selected].filter((id) => !known.has(id));
    const stayed = [...selected].filter((id) => known.has(id));
    const measured = [...latest.changedSince(added, 0), ...latest.changedSince(stayed, sequence)];
    // What was not measured yet is as new as before.
    known = new Set([...selected].filter((id) => latest.of(id) !== null));
    sequence = shown;
    if (measured.length > 0) {
      const sentMs = now();
      yield { measured, skipped };
      const lateFrames = Math.floor((now() - sentMs) / intervalMs);
      skipped = latest.sequence() > shown ? Math.max(0, lateFrames - 1) : 0;
      await pause(Math.max(0, sentMs + intervalMs - now()), signal);
    }
    await latest.changed(sequence, signal);
    await pause(GATHER_MS, signal);
  }
}
