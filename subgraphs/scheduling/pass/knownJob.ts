import type { JobEvent } from '../../../contracts/scheduling.events.js';
import { isFinal, type JobPhase, TRANSITIONS } from '../job/job.transitions.js';

/** What the pass needs to know of a job that has not ended. Times are milliseconds since 1970. */
export type KnownJob = {
  readonly id: string;
  readonly projectId: string;
  readonly queueId: string;
  readonly priority: number;
  readonly modelIn: readonly string[];
  readonly count: number;
  readonly maxRuntimeSeconds: number;
  readonly version: number;
  readonly phase: JobPhase;
  /** When the phase began. */
  readonly since: number;
  readonly attempt: number;
  readonly notBefore: number | null;
  readonly approvalId: string | null;
  /** The model that its attempt has or gets; null while none is active. */
  readonly gpuModelId: string | null;
  /** When its attempt began to run. */
  readonly startedAt: number | null;
};

export type KnownJobEvent = JobEvent & { streamId: string; version: number; occurredAt: string };

/** A job after its next event; null once it has ended. An event that is known already changes nothing. */
export function knownJobAfter(before: KnownJob | null, event: KnownJobEvent): KnownJob | null {
  if (event.type === 'JobSubmitted') return before ?? submitted(event);
  if (!before || event.version <= before.version) return before;
  const phase = TRANSITIONS[before.phase][event.type] ?? before.phase;
  if (isFinal(phase)) return null;
  const since = phase === before.phase ? before.since : Date.parse(event.occurredAt);
  return { ...before, version: event.version, phase, since, ...changes(event) };
}

function submitted({ streamId: id, version, occurredAt, ...event }: KnownJobEvent): KnownJob {
  if (event.type !== 'JobSubmitted') throw new Error(`${event.type} begins no job`);
  const { projectId, queueId, priority, maxRuntimeSeconds, spec } = event.data;
  const { modelIn, count } = spec.gpu;
  return {
    ...{ id, projectId, queueId, priority, modelIn, count, maxRuntimeSeconds, version },
    phase: 'SUBMITTED',
    since: Date.parse(occurredAt),
    attempt: 0,
    notBefore: null,
    approvalId: null,
    gpuModelId: null,
    startedAt: null,
  };
}

function changes(event: KnownJobEvent): Partial<KnownJob> {
  switch (event.type) {
    case 'JobApprovalAsked':
      return { approvalId: event.data.ask.approvalId };
    case 'JobQueued': {
      const { attempt, notBefore } = event.data;
      return {
        attempt,
        notBefore: notBefore === null ? null : Date.parse(notBefore),
        gpuModelId: null,
        startedAt: null,
      };
    }
    case 'JobReserved':
      return { gpuModelId: event.data.gpuModelId };
    case 'JobRunning':
      return { startedAt: Date.parse(event.data.startedAt) };
    default:
      return {};
  }
}
