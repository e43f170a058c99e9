import { readFile, stat } from 'node:fs/promises';
import { pause } from '../platform/pause.js';
import type { Log } from '../platform/telemetry/log.js';

const LOOK_EVERY_MS = 1_000;

/**
 * Looks at the supergraph's file every second and hands over what it says when that has changed. A text that is refused,
 * and a file that cannot be read, is logged once; what was served before serves on, until the file changes again. It is
 * looked at and not listened to, because mounted files are often replaced by links that tell nobody.
 */
export function followSupergraph(options: {
  file: string;
  /** What is served at first. */
  served: string;
  reload: (supergraphSdl: string) => Promise<void>;
  log: Log;
  lookEveryMs?: number;
}): AsyncDisposable {
  const { file, reload, log, lookEveryMs = LOOK_EVERY_MS } = options;
  const stop = new AbortController();
  let { served } = options;
  let seen = '';

  async function look(): Promise<void> {
    const version = await versionOf(file);
    if (version === seen) return;
    seen = version;
    try {
      const text = await readFile(file, 'utf8');
      if (text === served) return;
      const started = performance.now();
      await reload(text);
      served = text;
      log.info({ file, ms: Math.round(performance.now() - started) }, 'supergraph reloaded');
    } catch (error) {
      log.error({ err: error, file }, 'supergraph refused, the one before serves on');
    }
  }

  async function follow(): Promise<void> {
    for (; !stop.signal.aborted; await pause(lookEveryMs, stop.signal)) await look();
  }

  const following = follow();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

/** Something that differs when the file does, and is the same while it is missing. */
async function versionOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'missing';
  }
}
