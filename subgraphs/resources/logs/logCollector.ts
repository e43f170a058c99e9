import { createCache } from '../../../platform/kubernetes/cache.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import { pods } from '../../../platform/kubernetes/kinds.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { pause } from '../../../platform/pause.js';
import { runLoop } from '../kubernetes/loop.js';
import { LABELS } from '../kubernetes/names.js';
import { type JobPod, jobPodOf, podsToRead } from './jobPod.js';
import type { JobTails } from './jobTails.js';
import type { LogRepository, PodOfJob } from './log.repository.js';
import { createLogWriter, type JobLog } from './logWriter.js';
import { type FollowOptions, followPod } from './podFollower.js';

const TRY_AGAIN_MS = 1_000;

/** Without `ref` it is gone from the cluster. */
type Pod = PodOfJob & Partial<Pick<JobPod, 'ref'>>;

type Reading = { readonly done: Promise<void>; readonly over: AbortController };

type Collected = {
  readonly log: Promise<JobLog>;
  /** By the uid of the pod. */
  readonly reading: Map<string, Reading>;
};

/**
 * Reads the log of every pod of every job as it is printed, one reader for each pod, and stores it, as long as this process
 * leads. Where an earlier leader stopped, it goes on.
 */
export function startLogCollector(options: {
  cluster: Cluster;
  leader: Leader;
  store: LogRepository;
  tails: JobTails;
  onError: (error: unknown) => void;
}): AsyncDisposable {
  const { cluster, leader, store, tails, onError } = options;
  const writer = createLogWriter({ store, tails, onError });
  const cache = createCache(cluster, pods, { labelSelector: LABELS.job }, { onError });
  const jobs = new Map<string, Collected>();
  const read = new Set<string>();
  /** Pods whose logs an earlier leader had begun to read; null before that is known. */
  let begun: PodOfJob[] | null = null;
  let term = new AbortController();

  async function readPod(pod: Pod, job: Collected, over: AbortSignal): Promise<void> {
    const log = await job.log;
    const { source, resume, hasEnded } = await log.open(pod);
    let reached = resume;
    const signal = AbortSignal.any([term.signal, log.lost]);
    const add: FollowOptions['add'] = (lines, behind) => {
      reached = behind;
      return log.add(
        source,
        lines.map((line) => ({ ...line, source })),
        behind,
      );
    };
    const { ref, podUid: uid } = pod;
    if (ref && !hasEnded) await followPod({ cluster, ref, uid, from: resume, add, onError, signal, over });
    if (!signal.aborted && !hasEnded) await log.end(source, reached);
    if (!signal.aborted) read.add(uid);
  }

  function start(pod: Pod): void {
    const { jobId, podUid } = pod;
    const job = jobs.get(jobId) ?? { log: writer.begin(pod), reading: new Map<string, Reading>() };
    jobs.set(jobId, job);
    const over = new AbortController();
    const done = readPod(pod, job, over.signal)
      .catch((error: unknown) => {
        onError(error);
        return pause(TRY_AGAIN_MS, term.signal);
      })
      .then(() => leave(pod, job))
      .catch(onError);
    job.reading.set(podUid, { done, over });
  }

  /** Whoever is the last to leave stores what is left. */
  async function leave({ jobId, podUid }: Pod, job: Collected): Promise<void> {
    if (job.reading.size === 1) {
      const log = await job.log.catch(() => null);
      if (log) await writer.finish(log);
      if (jobs.get(jobId) === job) jobs.delete(jobId);
    }
    job.reading.delete(podUid);
    loop.poke();
  }

  async function pass(): Promise<void> {
    if (!leader.isLeader()) return standDown();
    const seen = cache.snapshot();
    if (!seen) return;
    begun ??= await store.unendedPods();
    const found = [...seen.objects.values()].map(jobPodOf).filter((pod) => pod !== null);
    const there = new Set(found.map(({ podUid }) => podUid));
    const printing = new Set(found.filter(({ isOver }) => !isOver).map(({ podUid }) => podUid));
    for (const { reading } of jobs.values())
      for (const [uid, { over }] of reading) if (!printing.has(uid)) over.abort();
    begun = begun.filter(({ podUid }) => !there.has(podUid) && !read.has(podUid));
    for (const pod of [...begun, ...podsToRead(found, (uid) => read.has(uid))])
      if (!jobs.get(pod.jobId)?.reading.has(pod.podUid)) start(pod);
    for (const uid of read) if (!there.has(uid)) read.delete(uid);
  }

  async function standDown(): Promise<void> {
    term.abort();
    await Promise.all(
      [...jobs.values()].flatMap(({ reading }) => [...reading.values()].map(({ done }) => done)),
    );
    term = new AbortController();
    begun = null;
    read.clear();
  }

  const loop = runLoop({ pass, onError });
  cache.onChange(loop.poke);
  const stopListening = leader.onChange(loop.poke);
  return {
    async [Symbol.asyncDispose]() {
      stopListening();
      await loop[Symbol.asyncDispose]();
      await standDown();
      await cache[Symbol.asyncDispose]();
      await writer[Symbol.asyncDispose]();
    },
  };
}
