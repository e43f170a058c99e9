import type { WorkloadEvent } from '../../../contracts/resources.events.js';

export const WorkloadPhase = {
  /** It has its devices; its objects are to be made. */
  ADMITTED: 'ADMITTED',
  /** The cluster has its objects. */
  STARTING: 'STARTING',
  RUNNING: 'RUNNING',
  /** It is to end: its objects go away. */
  ENDING: 'ENDING',
  /** It goes no further; its devices are free once its pods are gone. */
  ENDED: 'ENDED',
  /** Nothing of it is left. */
  CLEARED: 'CLEARED',
  /** It was given nothing. */
  REFUSED: 'REFUSED',
} as const;
export type WorkloadPhase = (typeof WorkloadPhase)[keyof typeof WorkloadPhase];

type EventType = WorkloadEvent['type'];
type Transitions = Partial<Record<EventType, WorkloadPhase>>;

const ends = { WorkloadEndRequested: 'ENDING', WorkloadEnded: 'ENDED' } as const;
const BIRTH: Transitions = { WorkloadAdmitted: 'ADMITTED', WorkloadRefused: 'REFUSED' };

/**
 * Which event may happen in which phase, and where it leads. Events that are not listed for any phase say more about a
 * phase without ending it. What was refused may be asked for again.
 */
export const TRANSITIONS: Readonly<Record<WorkloadPhase, Transitions>> = {
  ADMITTED: { WorkloadCreated: 'STARTING', ...ends },
  STARTING: { WorkloadRunning: 'RUNNING', ...ends },
  RUNNING: ends,
  ENDING: { WorkloadEnded: 'ENDED' },
  ENDED: { WorkloadCleared: 'CLEARED' },
  CLEARED: {},
  REFUSED: BIRTH,
};

/** Where an event leads; null where it may not happen. A phase of null is that of a workload that nobody asked for yet. */
export const resultingPhase = (phase: WorkloadPhase | null, type: EventType): WorkloadPhase | null =>
  (phase === null ? BIRTH : TRANSITIONS[phase])[type] ?? null;

/** Whether an event may happen in a phase. */
export const leads = (phase: WorkloadPhase | null, type: EventType): boolean =>
  resultingPhase(phase, type) !== null;

export const FINAL_PHASES: readonly WorkloadPhase[] = ['CLEARED', 'REFUSED'];

/** Whether its pods should be there. */
export const wantsPods = (phase: WorkloadPhase): boolean =>
  phase === 'ADMITTED' || phase === 'STARTING' || phase === 'RUNNING';

const MINUTE_MS = 60_000;

/** How long the phases may last that end by themselves. A job's RUNNING ends when its time is over. */
const PHASE_MS = { ADMITTED: 30 * MINUTE_MS, ENDING: 10 * MINUTE_MS, ENDED: 10 * MINUTE_MS } as const;

/** When a phase that begins now must have ended. What is admitted must run by then. */
export const deadlineOf = (phase: keyof typeof PHASE_MS, now: Date): string =>
  new Date(now.getTime() + PHASE_MS[phase]).toISOString();

/** What the cluster gets to end a job whose time is over, before we do. */
const GRACE_MS = MINUTE_MS;

export const runDeadlineOf = (maxRuntimeSeconds: number, now: Date): string =>
  new Date(now.getTime() + maxRuntimeSeconds * 1_000 + GRACE_MS).toISOString();
