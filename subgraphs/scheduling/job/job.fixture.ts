import type { ApprovalAsk } from '../../../contracts/approval.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { evolveJob, type JobState, type NewJob } from './job.js';

export const START = new Date('2026-11-21T10:00:00.000Z');
const H100 = 'h100-sxm5-80gb';

export const newJob: NewJob = {
  id: 'job_1',
  projectId: 'vision',
  queueId: 'queue_1',
  name: 'train',
  spec: {
    image: 'busybox',
    command: ['sh', '-c', 'true'],
    gpu: { modelIn: [H100], count: 2 },
    env: [],
    secretRefs: [],
    labels: [],
    annotations: [],
  },
  priority: 50,
  maxRuntimeSeconds: 3_600,
  planHash: 'hash',
};

export const ask: ApprovalAsk = {
  approvalId: 'approval_1',
  action: 'SUBMIT_JOB',
  target: { type: 'Job', id: newJob.id, name: newJob.name },
  planHash: newJob.planHash,
  reason: null,
  policyVersion: 'shipped-1',
  rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
  estimate: null,
  quota: [],
  expiresAt: new Date(START.getTime() + 7 * 86_400_000).toISOString(),
};

export const after = (before: JobState | null, events: readonly JobEvent[], at: Date): JobState => {
  const occurredAt = at.toISOString();
  const folded = events.reduce<JobState | null>(
    (state, event) => evolveJob(state, { ...event, occurredAt }),
    before,
  );
  if (!folded) throw new Error('Nothing happened');
  return folded;
};

export const jobOf = (state: JobState): Existing<JobState> => ({
  id: newJob.id,
  state,
  version: 1,
  createdAt: START.toISOString(),
  createdBy: { id: 'user_1', kind: 'USER' },
  updatedAt: START.toISOString(),
});

export const admitted = (attempt: number): WorkloadEvent => ({
  type: 'WorkloadAdmitted',
  data: {
    owner: { kind: 'JOB', id: newJob.id },
    attempt,
    projectId: newJob.projectId,
    name: newJob.name,
    job: null,
    deployment: null,
    gpuModelId: H100,
    clusterId: 'eu-1',
    shares: [{ nodeId: 'eu-1/h100-1', pods: 1, gpusPerPod: 2 }],
    allocationIds: [`allocation_${attempt}a`, `allocation_${attempt}b`],
    holdId: 'hold_1',
    deadline: START.toISOString(),
  },
});

export const refused = (attempt: number, code: string): WorkloadEvent => ({
  type: 'WorkloadRefused',
  data: {
    owner: { kind: 'JOB', id: newJob.id },
    attempt,
    projectId: newJob.projectId,
    code,
    message: `Refused with ${code}`,
    details: {},
  },
});

export const runs = (at: Date = START): WorkloadEvent => ({
  type: 'WorkloadRunning',
  data: { startedAt: at.toISOString(), deadline: START.toISOString() },
});

type Ended = (WorkloadEvent & { type: 'WorkloadEnded' })['data'];

export const ended = (reason: Ended['reason'], more: Partial<Ended> = {}): WorkloadEvent => ({
  type: 'WorkloadEnded',
  data: {
    reason,
    exitCode: null,
    message: null,
    endedAt: START.toISOString(),
    deadline: START.toISOString(),
    ...more,
  },
});

export const cleared: WorkloadEvent = { type: 'WorkloadCleared', data: {} };
