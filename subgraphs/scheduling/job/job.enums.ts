import { registerEnumType } from 'type-graphql';
import { ATTEMPT_END_REASONS, type AttemptEndReason, type Payer } from '../../../contracts/endReasons.js';
import type { JobEndReason } from '../../../contracts/scheduling.events.js';
import { JobPhase } from './job.transitions.js';

type Described<Name extends string> = Readonly<Record<Name, { description: string }>>;

const namesOf = <Name extends string>(values: Described<Name>) =>
  Object.fromEntries(Object.keys(values).map((name) => [name, name])) as { readonly [Key in Name]: Key };

const PHASES: Described<JobPhase> = {
  SUBMITTED: { description: 'It was accepted and is being looked at.' },
  AWAITING_APPROVAL: { description: 'Somebody has to approve it first. Nothing is reserved.' },
  QUEUED: { description: 'It waits: `blockers` says for what.' },
  RESERVED: { description: 'Money is reserved for it, and its devices are being chosen.' },
  STARTING: { description: 'It has its devices; its pods are being started.' },
  RUNNING: { description: 'All its pods run.' },
  COMPLETING: { description: 'Its work is over, or was told to end; its devices are being given back.' },
  SUCCEEDED: { description: 'It ended well.' },
  FAILED: { description: 'It ended with a failure; `endReason` says which.' },
  TIMED_OUT: { description: 'It ran longer than it may.' },
  CANCELLED: { description: 'Somebody cancelled it.' },
  EXPIRED: { description: 'It waited longer than a job may wait.' },
  UNSATISFIABLE: { description: 'It can never run as it was asked for.' },
};
registerEnumType(JobPhase, {
  name: 'JobPhase',
  description: 'How far a job has come.',
  valuesConfig: PHASES,
});

const ATTEMPT_ENDS: Described<AttemptEndReason> = {
  COMPLETED: { description: 'Its program ended with exit code 0.' },
  EXIT_CODE: { description: 'Its program ended with another exit code than 0.' },
  OUT_OF_MEMORY: { description: 'It used more memory than it had asked for.' },
  IMAGE_PULL_FAILED: { description: 'Its image could not be pulled.' },
  POD_REJECTED: { description: 'The cluster did not accept its pods.' },
  START_TIMEOUT: { description: 'It did not start in time.' },
  EVICTED: { description: 'Its node needed the resources back.' },
  NODE_LOST: { description: 'Its node was lost.' },
  PODS_DELETED: { description: 'Its pods were deleted by somebody who is not Fleetgraph.' },
  CAPACITY_LOST: { description: 'Its devices were gone before it began.' },
  TIME_LIMIT: { description: 'It ran as long as it may.' },
  CANCELLED: { description: 'Somebody cancelled it.' },
};
export const AttemptEndReasonName = namesOf(ATTEMPT_ENDS);
registerEnumType(AttemptEndReasonName, {
  name: 'AttemptEndReason',
  description: 'Why an attempt of a job ended.',
  valuesConfig: ATTEMPT_ENDS,
});

const JOB_ENDS: Described<JobEndReason> = {
  ...ATTEMPT_ENDS,
  APPROVAL_REJECTED: { description: 'Its approval was refused.' },
  APPROVAL_EXPIRED: { description: 'Nobody decided on its approval in time.' },
  APPROVAL_SUPERSEDED: { description: 'What was to be approved had changed meanwhile.' },
  APPROVAL_WITHDRAWN: { description: 'The request for its approval was taken back.' },
  UNSATISFIABLE: { description: 'No device or quota that exists could ever hold it.' },
  QUEUE_EXPIRED: { description: 'It waited longer than a job may wait.' },
  RETRIES_EXHAUSTED: {
    description: 'It was tried as often as a job is tried; its last attempt says why it failed.',
  },
};
export const JobEndReasonName = namesOf(JOB_ENDS);
registerEnumType(JobEndReasonName, {
  name: 'JobEndReason',
  description: 'Why a job ended.',
  valuesConfig: JOB_ENDS,
});

const PAYERS: Described<Payer> = {
  PROJECT: { description: 'The project that it worked for.' },
  PLATFORM: { description: 'Whoever runs the fleet: it was not the project’s fault.' },
};
export const PayerName = namesOf(PAYERS);
registerEnumType(PayerName, {
  name: 'Payer',
  description: 'Who is to bear the cost of the time of an attempt.',
  valuesConfig: PAYERS,
});

/** Who is to bear the cost of an attempt that ended for a reason. */
export const payerOf = (reason: AttemptEndReason): Payer => ATTEMPT_END_REASONS[reason].payer;
