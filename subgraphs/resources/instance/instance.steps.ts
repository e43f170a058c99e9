import type { ProvisioningStepName } from '../../../contracts/resources.events.js';

export type StepPhase = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

export type ProvisioningStep = {
  name: ProvisioningStepName;
  state: StepPhase;
  startedAt: string | null;
  endedAt: string | null;
  percent: number | null;
  message: string | null;
  /** When it must have ended; null as long as it is not running. */
  deadline: string | null;
};

/** In the order in which they happen. */
export const STEP_NAMES: readonly ProvisioningStepName[] = [
  'ALLOCATE',
  'CREATE_POD',
  'SCHEDULE',
  'PULL_IMAGE',
  'START',
];

export const pendingSteps = (): ProvisioningStep[] =>
  STEP_NAMES.map((name) => ({
    name,
    state: 'PENDING',
    startedAt: null,
    endedAt: null,
    percent: null,
    message: null,
    deadline: null,
  }));

export const stepOf = (steps: readonly ProvisioningStep[], name: ProvisioningStepName) =>
  steps.find((step) => step.name === name);

export const hasEnded = (step: ProvisioningStep | undefined): boolean =>
  step?.state === 'SUCCEEDED' || step?.state === 'FAILED';

/** Begins a step; those before it must have ended by then. */
export function startStep(
  steps: readonly ProvisioningStep[],
  name: ProvisioningStepName,
  at: string,
  deadline: string | null,
): ProvisioningStep[] {
  const place = STEP_NAMES.indexOf(name);
  return steps.map((step, index) => {
    if (index < place) return ended(step, at);
    const begins = index === place && step.state === 'PENDING';
    return begins ? { ...step, state: 'RUNNING', startedAt: at, deadline } : step;
  });
}

/** Ends a step well, and those before it with it. */
export function finishStep(
  steps: readonly ProvisioningStep[],
  name: ProvisioningStepName,
  at: string,
  message: string | null = null,
): ProvisioningStep[] {
  const place = STEP_NAMES.indexOf(name);
  return steps.map((step, index) =>
    index > place ? step : ended(index === place ? { ...step, message } : step, at),
  );
}

/** Ends a step badly; without a name the one that runs. */
export const failStep = (
  steps: readonly ProvisioningStep[],
  name: ProvisioningStepName | null,
  at: string,
  message: string | null,
): ProvisioningStep[] =>
  steps.map((step) => {
    const fails = name === null ? step.state === 'RUNNING' : step.name === name;
    if (!fails) return step;
    return {
      ...step,
      state: 'FAILED',
      startedAt: step.startedAt ?? at,
      endedAt: at,
      message,
      deadline: null,
    };
  });

export const progressStep = (
  steps: readonly ProvisioningStep[],
  name: ProvisioningStepName,
  progress: Pick<ProvisioningStep, 'percent' | 'message'>,
): ProvisioningStep[] => steps.map((step) => (step.name === name ? { ...step, ...progress } : step));

function ended(step: ProvisioningStep, at: string): ProvisioningStep {
  if (hasEnded(step)) return step;
  return { ...step, state: 'SUCCEEDED', startedAt: step.startedAt ?? at, endedAt: at, deadline: null };
}
