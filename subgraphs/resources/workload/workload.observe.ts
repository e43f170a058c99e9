import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import { endedNow } from './workload.decide.js';
import { evolveWorkload, type WorkloadState } from './workload.js';
import { leads, runDeadlineOf, wantsPods } from './workload.transitions.js';

/** What somebody who watches the cluster says about a workload. */
export type WorkloadObservation =
  | { type: 'created'; uid: string }
  /** All pods of the job run, or ran. */
  | { type: 'running' }
  | { type: 'replicas'; desired: number; ready: number }
  | { type: 'ended'; reason: AttemptEndReason; exitCode: number | null; message: string | null }
  /** Nothing of it is left, and nothing will come. */
  | { type: 'gone' };

/** Several observations of one moment, in order: each is decided on what the ones before it made true. */
export function decideObservations(
  before: WorkloadState,
  observations: readonly WorkloadObservation[],
  now: Date,
): WorkloadEvent[] {
  const occurredAt = now.toISOString();
  const events: WorkloadEvent[] = [];
  let state = before;
  for (const seen of observations) {
    const more = decideObservation(state, seen, now);
    state = more.reduce((folded, event) => evolveWorkload(folded, { ...event, occurredAt }), state);
    events.push(...more);
  }
  return events;
}

/**
 * The events that an observation makes true. What is known already makes none, and neither does what comes too late for
 * the phase: an observer may say the same again, and may be behind.
 */
function decideObservation(state: WorkloadState, seen: WorkloadObservation, now: Date): WorkloadEvent[] {
  switch (seen.type) {
    case 'created':
      if (!leads(state.phase, 'WorkloadCreated')) return [];
      return [{ type: 'WorkloadCreated', data: { uid: seen.uid } }];
    case 'running':
      return decideRunning(state, now);
    case 'replicas':
      return decideReplicas(state, seen, now);
    case 'ended':
      return wantsPods(state.phase) ? [endedNow(seen, now)] : [];
    case 'gone':
      return decideGone(state, now);
  }
}

function decideRunning({ phase, body }: WorkloadState, now: Date): WorkloadEvent[] {
  if (!leads(phase, 'WorkloadRunning')) return [];
  const deadline = body?.job ? runDeadlineOf(body.job.maxRuntimeSeconds, now) : null;
  return [{ type: 'WorkloadRunning', data: { startedAt: now.toISOString(), deadline } }];
}

/** A deployment runs once its first replica answers. */
function decideReplicas(
  state: WorkloadState,
  { desired, ready }: WorkloadObservation & { type: 'replicas' },
  now: Date,
): WorkloadEvent[] {
  const { phase, replicas } = state;
  if (phase !== 'STARTING' && phase !== 'RUNNING') return [];
  const known = replicas?.desired === desired && replicas.ready === ready;
  return [
    ...(known ? [] : [{ type: 'WorkloadReplicasChanged', data: { desired, ready } } as const]),
    ...(ready > 0 ? decideRunning(state, now) : []),
  ];
}

function decideGone({ phase, endReason }: WorkloadState, now: Date): WorkloadEvent[] {
  const cleared: WorkloadEvent = { type: 'WorkloadCleared', data: {} };
  if (phase === 'ENDED') return [cleared];
  if (phase !== 'ENDING') return [];
  return [endedNow({ reason: endReason ?? 'CANCELLED', exitCode: null, message: null }, now), cleared];
}
