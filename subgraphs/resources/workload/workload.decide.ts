import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { PublicError } from '../../../platform/errors.js';
import type { WorkloadBody, WorkloadEnd, WorkloadState } from './workload.js';
import { deadlineOf, leads } from './workload.transitions.js';

type Whose = Pick<WorkloadState, 'owner' | 'attempt' | 'projectId'>;

/** Whether devices may still be given for it: nothing was answered yet, or it was refused before. */
export const mayBeAdmitted = (state: WorkloadState | null): boolean =>
  leads(state?.phase ?? null, 'WorkloadAdmitted');

export const decideAdmit = (whose: Whose, body: WorkloadBody, now: Date): WorkloadEvent[] => [
  { type: 'WorkloadAdmitted', data: { ...whose, ...body, deadline: deadlineOf('ADMITTED', now) } },
];

/** Answers with the refusal that a caller would have got. */
export const decideRefuse = (whose: Whose, { message, extensions }: PublicError): WorkloadEvent[] => {
  const { code, details } = extensions;
  return [{ type: 'WorkloadRefused', data: { ...whose, code, message, details } }];
};

/** Somebody wants it to end. What ends or has ended already goes on as it was. */
export const decideEnd = (state: WorkloadState, reason: AttemptEndReason, now: Date): WorkloadEvent[] =>
  leads(state.phase, 'WorkloadEndRequested')
    ? [{ type: 'WorkloadEndRequested', data: { reason, deadline: deadlineOf('ENDING', now) } }]
    : [];

/** It goes no further. */
export const endedNow = (
  { reason, exitCode, message }: Omit<WorkloadEnd, 'endedAt'>,
  now: Date,
): WorkloadEvent => ({
  type: 'WorkloadEnded',
  data: { reason, exitCode, message, endedAt: now.toISOString(), deadline: deadlineOf('ENDED', now) },
});

/** The watchdog: says that the phase did not end in time, and ends what does not start or does not stop running. */
export function decideDeadline(state: WorkloadState, now: Date): WorkloadEvent[] {
  const { phase, deadline, deadlineMissed } = state;
  if (deadline === null || deadlineMissed || new Date(deadline) > now) return [];
  const missed: WorkloadEvent = { type: 'WorkloadDeadlineMissed', data: { phase, deadline } };
  if (!leads(phase, 'WorkloadEndRequested')) return [missed];
  const ending =
    phase === 'RUNNING'
      ? ({ reason: 'TIME_LIMIT', message: 'It ran longer than it may.' } as const)
      : ({ reason: 'START_TIMEOUT', message: `It did not run by ${deadline}.` } as const);
  return [missed, endedNow({ ...ending, exitCode: null }, now)];
}
