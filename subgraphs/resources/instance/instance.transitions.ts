import type { InstanceEvent } from '../../../contracts/resources.events.js';

export const InstancePhase = {
  REQUESTED: 'REQUESTED',
  AWAITING_APPROVAL: 'AWAITING_APPROVAL',
  ALLOCATING: 'ALLOCATING',
  PROVISIONING: 'PROVISIONING',
  CONFIGURING: 'CONFIGURING',
  RUNNING: 'RUNNING',
  DEGRADED: 'DEGRADED',
  STOPPING: 'STOPPING',
  STOPPED: 'STOPPED',
  STARTING: 'STARTING',
  TERMINATING: 'TERMINATING',
  TERMINATED: 'TERMINATED',
  FAILED: 'FAILED',
} as const;
export type InstancePhase = (typeof InstancePhase)[keyof typeof InstancePhase];

type EventType = InstanceEvent['type'];
type Transitions = Partial<Record<EventType, InstancePhase>>;

const ends = { InstanceTerminationRequested: 'TERMINATING', InstanceFailed: 'FAILED' } as const;

/**
 * Which event may happen in which phase, and where it leads. Events that are not listed for any phase say more about a
 * phase without ending it. The deciders refuse what is not here.
 */
export const TRANSITIONS: Readonly<Record<InstancePhase, Transitions>> = {
  REQUESTED: { InstanceAdmitted: 'ALLOCATING', InstanceApprovalAsked: 'AWAITING_APPROVAL', ...ends },
  AWAITING_APPROVAL: { InstanceAdmitted: 'ALLOCATING', ...ends },
  ALLOCATING: { InstanceAllocated: 'PROVISIONING', ...ends },
  PROVISIONING: { InstancePodCreated: 'CONFIGURING', ...ends },
  CONFIGURING: { InstanceRunning: 'RUNNING', ...ends },
  RUNNING: {
    InstanceStopRequested: 'STOPPING',
    InstanceDegraded: 'DEGRADED',
    InstanceTerminationRequested: 'TERMINATING',
  },
  DEGRADED: {
    InstanceRecovered: 'RUNNING',
    InstanceStopRequested: 'STOPPING',
    InstanceTerminationRequested: 'TERMINATING',
  },
  STOPPING: { InstanceStopped: 'STOPPED', InstanceTerminationRequested: 'TERMINATING' },
  STOPPED: { InstanceStartRequested: 'STARTING', InstanceTerminationRequested: 'TERMINATING' },
  STARTING: { InstancePodCreated: 'STARTING', InstanceRunning: 'RUNNING', ...ends },
  TERMINATING: { InstanceTerminated: 'TERMINATED' },
  TERMINATED: {},
  FAILED: {},
};

/** The commands that people give, and the event by which each begins. */
export const COMMANDS = {
  startInstance: 'InstanceStartRequested',
  stopInstance: 'InstanceStopRequested',
  terminateInstance: 'InstanceTerminationRequested',
} as const satisfies Record<string, EventType>;
export type InstanceCommandName = keyof typeof COMMANDS;

export const INSTANCE_COMMANDS = Object.keys(COMMANDS) as InstanceCommandName[];

/** Where a command leads from a phase; null if the phase does not allow it. */
export const resultingPhase = (phase: InstancePhase, command: InstanceCommandName): InstancePhase | null =>
  TRANSITIONS[phase][COMMANDS[command]] ?? null;

export const allowedCommands = (phase: InstancePhase): InstanceCommandName[] =>
  INSTANCE_COMMANDS.filter((command) => resultingPhase(phase, command) !== null);

/** Whether an event may happen in a phase. */
export const leads = (phase: InstancePhase, type: EventType): boolean =>
  TRANSITIONS[phase][type] !== undefined;

const MINUTE_MS = 60_000;

/** How long each transitional phase may last. The others end when somebody wants them to. */
const PHASE_MS: Readonly<Partial<Record<InstancePhase, number>>> = {
  REQUESTED: 5 * MINUTE_MS,
  // Longer than any approval waits: its end is governance's to tell, and this the net below.
  AWAITING_APPROVAL: 8 * 24 * 60 * MINUTE_MS,
  ALLOCATING: 5 * MINUTE_MS,
  PROVISIONING: 10 * MINUTE_MS,
  CONFIGURING: 30 * MINUTE_MS,
  STARTING: 30 * MINUTE_MS,
  STOPPING: 10 * MINUTE_MS,
  TERMINATING: 10 * MINUTE_MS,
};

export const isTransitional = (phase: InstancePhase): boolean => PHASE_MS[phase] !== undefined;

export const isFinal = (phase: InstancePhase): boolean => phase === 'TERMINATED' || phase === 'FAILED';

/** When a transitional phase that begins now must have ended. */
export const deadlineOf = (phase: InstancePhase, now: Date): string =>
  new Date(now.getTime() + (PHASE_MS[phase] ?? 0)).toISOString();
