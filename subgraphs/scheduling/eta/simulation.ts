import { shareOf } from '../../../contracts/gang.js';
import { drawRemaining, type UsedParts } from './durations.js';
import { createEndings } from './endings.js';

/** Something that has devices and gives them back one day. Seconds. */
export type SimulatedRun = {
  gpuModelId: string;
  /** Indices into the model's nodes, each with how many devices of it. */
  devices: readonly (readonly [node: number, count: number])[];
  /** The limits that it counts for, as indices into `limits`. */
  limits: readonly number[];
  elapsed: number;
  limitSeconds: number;
  parts: UsedParts;
};

/** Equal jobs of a queue, in their order. */
export type SimulatedClass = {
  count: number;
  limitSeconds: number;
  /** Models that nothing but other work keeps them from, first choice first. */
  options: readonly { gpuModelId: string; shape: number; limits: readonly number[]; parts: UsedParts }[];
  jobs: readonly { id: string; priority: number; notBefore: number }[];
};

/** The fleet as it is when the reckoning begins. */
export type Snapshot = {
  /** Free devices per node, by model; `largestNode` counts all of a node's. */
  models: ReadonlyMap<string, { free: readonly number[]; largestNode: number }>;
  /** The models and numbers of devices that are waited for: whether there is room is the same for all of a shape. */
  shapes: readonly { gpuModelId: string; count: number }[];
  /** What is left of each limit, and the limit. */
  limits: readonly { left: number; nominal: number }[];
  runs: readonly SimulatedRun[];
  classes: readonly SimulatedClass[];
};

type State = {
  free: Map<string, number[]>;
  left: number[];
  started: number[];
};

/**
 * Plays the queue once: runs end after times that are drawn, and what they give back goes to who is next by the rules of
 * the pass. Calls `onStart` with each job that starts and after how many seconds, for the first `startsMax` of them. No
 * work that comes later is counted.
 */
export function playQueue(
  snapshot: Snapshot,
  random: () => number,
  startsMax: number,
  onStart: (jobId: string, seconds: number) => void,
): void {
  const { models, limits, runs, classes } = snapshot;
  const state: State = {
    free: new Map([...models].map(([id, { free }]) => [id, [...free]])),
    left: limits.map(({ left }) => left),
    started: classes.map(() => 0),
  };
  const endings = createEndings<SimulatedRun | null>();
  for (const run of runs) endings.add(drawRemaining(run.parts, run.limitSeconds, run.elapsed, random()), run);
  for (const { jobs } of classes)
    for (const { notBefore } of jobs) if (notBefore > 0) endings.add(notBefore, null);

  let left = Math.min(
    startsMax,
    classes.reduce((sum, { jobs }) => sum + jobs.length, 0),
  );
  for (let ending = endings.take(); ending && left > 0; ending = endings.take()) {
    const [seconds, run] = ending;
    if (run) giveBack(state, run);
    for (let next = findNext(snapshot, state, seconds); next; next = findNext(snapshot, state, seconds)) {
      const { classIndex, run: started } = next;
      const job = classes[classIndex]?.jobs[state.started[classIndex] ?? 0];
      if (!job) throw new Error('A class without jobs was started');
      state.started[classIndex] = (state.started[classIndex] ?? 0) + 1;
      take(state, started);
      endings.add(seconds + drawRemaining(started.parts, started.limitSeconds, 0, random()), started);
      onStart(job.id, seconds);
      if (--left === 0) return;
    }
  }
}

type Found = { classIndex: number; run: SimulatedRun };

/** The next to start, as the pass would choose: the smallest share, then priority, then who was submitted first. */
function findNext(snapshot: Snapshot, state: State, seconds: number): Found | null {
  let best: { classIndex: number; share: number; priority: number; id: string; option: number } | null = null;
  const hasRoom = snapshot.shapes.map(
    ({ gpuModelId, count }) => findNodes(snapshot, state, gpuModelId, count) !== null,
  );
  if (!hasRoom.includes(true)) return null;
  for (const [classIndex, { count, options, jobs }] of snapshot.classes.entries()) {
    const job = jobs[state.started[classIndex] ?? 0];
    if (!job || job.notBefore > seconds) continue;
    for (const [option, { shape, limits }] of options.entries()) {
      if (!hasRoom[shape] || limits.some((index) => (state.left[index] ?? 0) < count)) continue;
      const share = shareUsed(snapshot, state, limits);
      const { priority, id } = job;
      if (!best || isBefore({ share, priority, id }, best))
        best = { classIndex, share, priority, id, option };
      break;
    }
  }
  if (!best) return null;
  const { classIndex, option } = best;
  const chosen = snapshot.classes[classIndex];
  const taken = chosen?.options[option];
  const devices = taken && findNodes(snapshot, state, taken.gpuModelId, chosen.count);
  if (!taken || !devices) return null;
  return { classIndex, run: { ...taken, devices, elapsed: 0, limitSeconds: chosen.limitSeconds } };
}

type Rank = { share: number; priority: number; id: string };

const isBefore = (a: Rank, b: Rank): boolean =>
  a.share !== b.share ? a.share < b.share : a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;

/** The project's own limit is the last of those that count for it. */
function shareUsed({ limits }: Snapshot, { left }: State, counting: readonly number[]): number {
  const own = counting.at(-1) ?? -1;
  const { nominal } = limits[own] ?? { nominal: 0 };
  return nominal === 0 ? 1 : 1 - (left[own] ?? 0) / nominal;
}

/** The fullest nodes that have room for equal shares; null if there are too few. */
function findNodes(
  { models }: Snapshot,
  { free }: State,
  gpuModelId: string,
  count: number,
): (readonly [number, number])[] | null {
  const share = shareOf(count, models.get(gpuModelId)?.largestNode ?? 0);
  const rooms = free.get(gpuModelId);
  if (!share || !rooms) return null;
  if (share.nodes > 1) {
    const fitting = [...rooms.keys()].filter((node) => (rooms[node] ?? 0) >= share.perNode);
    if (fitting.length < share.nodes) return null;
    fitting.sort((a, b) => (rooms[a] ?? 0) - (rooms[b] ?? 0));
    return fitting.slice(0, share.nodes).map((node) => [node, share.perNode] as const);
  }
  let tightest = -1;
  for (let node = 0; node < rooms.length; node++) {
    const room = rooms[node] ?? 0;
    if (room >= count && (tightest < 0 || room < (rooms[tightest] ?? 0))) tightest = node;
  }
  return tightest < 0 ? null : [[tightest, count]];
}

const take = (state: State, run: SimulatedRun): void => move(state, run, -1);
const giveBack = (state: State, run: SimulatedRun): void => move(state, run, 1);

function move({ free, left }: State, { gpuModelId, devices, limits }: SimulatedRun, sign: 1 | -1): void {
  const rooms = free.get(gpuModelId) ?? [];
  let total = 0;
  for (const [node, count] of devices) {
    rooms[node] = (rooms[node] ?? 0) + sign * count;
    total += count;
  }
  for (const index of limits) left[index] = (left[index] ?? 0) + sign * total;
}
