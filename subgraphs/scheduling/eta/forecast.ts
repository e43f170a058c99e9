import type { SchedulingPass } from '../pass/schedulingPass.js';
import type { Durations } from './durations.js';
import type { EtaPromise, EtaPromises } from './promises.js';
import { playQueue } from './simulation.js';
import { takeSnapshot } from './snapshot.js';

/** When a waiting job is expected to get its devices, in milliseconds since 1970; without a ground, why there is none. */
export type Expected = { p50: number | null; p90: number | null; reason: string | null };

export type Forecast = {
  /** By job. */
  expected: ReadonlyMap<string, Expected>;
  /** For attempts that had none before. */
  promises: EtaPromise[];
};

const PLAYS = 40;
/** What starts later than so many others is not reckoned; fewer where many kinds of jobs wait, so that a play stays short. */
const STARTS_MAX = 300;
const STARTS_MIN = 30;
const LOOKS_MAX = 60_000;

const NO_HISTORY =
  'Too few jobs have finished to say how long they run: the later time is when limits end what runs now.';
const TOO_FAR = 'Too much is served before it to say when.';
const NO_END = 'What has the devices has no end that is known.';

/**
 * Reckons when the waiting jobs start, by playing the queue many times with drawn durations. It yields between plays, so
 * that whoever runs it may do something else meanwhile; the last value is the result.
 */
export function* forecast(options: {
  pass: SchedulingPass;
  durations: Durations;
  promises: EtaPromises;
  now: number;
  random: () => number;
}): Generator<void, Forecast> {
  const { pass, durations, promises, now, random } = options;
  const { snapshot, without } = takeSnapshot(pass, durations, now);
  yield;
  const startsOf = new Map<string, number[]>();
  const startsMax = Math.min(
    STARTS_MAX,
    Math.max(STARTS_MIN, Math.floor(LOOKS_MAX / Math.max(1, snapshot.classes.length))),
  );
  let isCut = false;
  for (let play = 0; play < PLAYS; play++) {
    let starts = 0;
    playQueue(snapshot, random, startsMax, (jobId, seconds) => {
      starts++;
      const known = startsOf.get(jobId);
      if (known) known.push(seconds);
      else startsOf.set(jobId, [seconds]);
    });
    isCut ||= starts >= startsMax;
    yield;
  }

  const stretches = promises.stretches(now);
  const expected = new Map<string, Expected>();
  const made: EtaPromise[] = [];
  for (const { jobs } of snapshot.classes)
    for (const { id } of jobs) {
      const starts = (startsOf.get(id) ?? []).sort((a, b) => a - b);
      const eta = expectedOf(starts, { now, ...stretches, isKnown: durations.areKnown, isCut });
      expected.set(id, eta);
      const job = pass.jobs().get(id);
      if (!job || eta.p90 === null || promises.has(id)) continue;
      const { queueId, attempt } = job;
      const { p50, p90 } = eta;
      made.push({ jobId: id, attempt, queueId, madeAt: now, p50, p90, ...stretches, startedAt: null });
    }
  for (const [jobClass, codes] of without) {
    const reason = `It waits for what no time can be reckoned for (${codes}): see its blockers.`;
    for (const { id } of [...jobClass.ready, ...[...jobClass.held.values()].map(({ job }) => job)])
      expected.set(id, { p50: null, p90: null, reason });
  }
  return { expected, promises: made };
}

function expectedOf(
  starts: readonly number[],
  ground: { now: number; stretch50: number; stretch90: number; isKnown: boolean; isCut: boolean },
): Expected {
  const { now, stretch50, stretch90, isKnown, isCut } = ground;
  const at = (share: number, factor: number): number | null => {
    const seconds = starts[Math.ceil(PLAYS * share) - 1];
    return seconds === undefined ? null : Math.round(now + seconds * 1_000 * factor);
  };
  const p90 = at(0.9, isKnown ? stretch90 : 1);
  if (p90 === null) return { p50: null, p90, reason: isCut ? TOO_FAR : NO_END };
  if (!isKnown) return { p50: null, p90, reason: NO_HISTORY };
  return { p50: Math.min(p90, at(0.5, stretch50) ?? p90), p90, reason: null };
}
