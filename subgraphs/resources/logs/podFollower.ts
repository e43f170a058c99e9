import type { Cluster, ObjectRef, PodLogLine } from '../../../platform/kubernetes/cluster.port.js';
import { ClusterError } from '../../../platform/kubernetes/clusterError.js';
import { type Pod, pods } from '../../../platform/kubernetes/kinds.js';
import { pause } from '../../../platform/pause.js';
import { LINE_BYTES_MAX, type LogLine, shownText } from './logLine.js';
import { createResume, type Resume, type ResumePoint, sinceOf } from './resumePoint.js';

const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 30_000;
/** A connection that is silent for so long may have died without a word: it is made anew. */
const SILENCE_MS = 60_000;
/** The same for a pod that is over: some nodes leave the log of such a one open. */
const SILENCE_WHEN_OVER_MS = 1_000;
/** How often the log of a pod that has ended is asked for, when it is refused. */
const REFUSALS_MAX = 5;

export type Told = Omit<LogLine, 'source'>;

export type FollowOptions = {
  cluster: Pick<Cluster, 'get' | 'podLog'>;
  ref: Required<ObjectRef>;
  /** The pod, and none that comes after it under its name. */
  uid: string;
  from: ResumePoint | null;
  /** Takes lines, and how far the log was read with them. While it does not resolve, no more is read. */
  add: (lines: readonly Told[], resume: ResumePoint | null) => Promise<void>;
  onError: (error: unknown) => void;
  signal: AbortSignal;
  /** Aborts when somebody sees that the pod has ended or is gone. */
  over: AbortSignal;
  silenceMs?: number;
  /** Before a connection is made anew; twice as long after each that was of no use. */
  pauseMinMs?: number;
};

/**
 * Follows the log of a pod from where it was read to, over connections that break, to its end: every line once, in order, as
 * long as the node keeps them. Resolves once all of it was taken or the pod is gone, or when the signal aborts. What keeps the
 * log from being read is told in the log, once.
 */
export async function followPod(options: FollowOptions): Promise<void> {
  const { cluster, ref, uid, onError, signal, pauseMinMs = PAUSE_MIN_MS } = options;
  const reader = createPodReader(options);
  let failures = 0;
  let refusals = 0;
  while (!signal.aborted) {
    try {
      const pod = await cluster.get(pods, ref);
      if (pod?.metadata.uid !== uid) return await reader.takeLeft();
      // Known before it is read: what is read then is all that there is.
      const isOver = hasEnded(pod);
      if (isOver && refusals >= REFUSALS_MAX) return;
      const { isOfUse, isSilent } = await reader.read(isOver);
      if (isOver && !isSilent) return;
      if (isOfUse || isSilent) failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      if (isRefusal(error)) {
        refusals += 1;
        await reader.tell(`The log of this pod cannot be read: ${error.message}`);
      }
    }
    await pause(Math.min(pauseMinMs * 2 ** failures++, PAUSE_MAX_MS), signal);
  }
}

/** Whether a container of it prints, or has printed. */
export const hasStarted = ({ status }: Pod): boolean =>
  status?.containerStatuses?.some(({ state }) => state?.running ?? state?.terminated) ?? false;

/** Whether its containers print no more. */
export const hasEnded = ({ status }: Pod): boolean =>
  status?.containerStatuses?.every(({ state }) => state?.terminated) ?? false;

/** The cluster answers, but not with the log; and not because the pod is gone or it has too much to do. */
const isRefusal = (error: unknown): error is ClusterError =>
  error instanceof ClusterError && ![0, 404, 429, 503].includes(error.status);

/** Reads the log of a pod once or again, always from where the last time ended. */
function createPodReader(options: FollowOptions) {
  const { cluster, ref, from, add, signal, over, silenceMs = SILENCE_MS } = options;
  let point = from;
  let lastTold: string | null = null;
  /** A line of which only a part came over the last connection. */
  let left: PodLogLine | null = null;

  /** Says something about the log, in the log, but never the same twice in a row. */
  async function tell(text: string): Promise<void> {
    if (text === lastTold) return;
    lastTold = text;
    const at = `${new Date().toISOString().slice(0, -1)}000000Z`;
    await add([{ at, text, isNotice: true }], point);
  }

  async function take(batch: readonly PodLogLine[], resume: Resume, isOver: boolean): Promise<boolean> {
    const lines: Told[] = [];
    for (const line of batch) {
      if (!line.isWhole && !isOver) left = line;
      else if (line.at === null) await tell(line.text);
      else if (resume.isNew(line.at)) lines.push({ at: line.at, text: shownText(line), isNotice: false });
    }
    if (lines.length === 0) return false;
    point = resume.point;
    await add(lines, point);
    return true;
  }

  return {
    tell,

    /** Takes what was printed last without the end of a line: no more of it can come. */
    async takeLeft(): Promise<void> {
      if (left) await take([left], createResume(point), true);
    },

    /** Follows the log, or reads what there is of one that is over. `isSilent`: it was given up for its silence. */
    async read(isOver: boolean): Promise<{ isOfUse: boolean; isSilent: boolean }> {
      using silence = startSilence(silenceMs, isOver ? null : over);
      const resume = createResume(point);
      left = null;
      let isOfUse = false;
      try {
        const log = cluster.podLog(ref, {
          follow: !isOver,
          lineBytesMax: LINE_BYTES_MAX,
          signal: AbortSignal.any([signal, silence.signal]),
          ...(point && { sinceTime: sinceOf(point) }),
        });
        for await (const batch of log) {
          isOfUse = (await take(batch, resume, isOver)) || isOfUse;
          silence.heard();
        }
      } catch (error) {
        if (!silence.signal.aborted) throw error;
      }
      return { isOfUse, isSilent: silence.signal.aborted };
    },
  };
}

/** Aborts its signal when nothing was heard for a time, which is short once `over` aborts. */
function startSilence(ms: number, over: AbortSignal | null) {
  const silent = new AbortController();
  const wait = (waitMs: number) => setTimeout(() => silent.abort(), waitMs).unref();
  let timer = wait(ms);
  const hurry = () => {
    clearTimeout(timer);
    timer = wait(Math.min(ms, SILENCE_WHEN_OVER_MS));
  };
  over?.addEventListener('abort', hurry);
  if (over?.aborted) hurry();
  return {
    signal: silent.signal,
    heard: () => void timer.refresh(),
    [Symbol.dispose]() {
      clearTimeout(timer);
      over?.removeEventListener('abort', hurry);
    },
  };
}
