import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveJob, type JobState } from './job.js';
import { ACTIVE_PHASES, isFinal } from './job.transitions.js';

export const jobAggregate: Aggregate<JobState, JobEvent> = {
  kind: 'Job',
  types: [
    'JobSubmitted',
    'JobApprovalAsked',
    'JobQueued',
    'JobReserved',
    'JobStarting',
    'JobRunning',
    'JobCancelRequested',
    'JobCompleting',
    'JobAttemptEnded',
    'JobDeadlineMissed',
    'JobSucceeded',
    'JobFailed',
    'JobTimedOut',
    'JobCancelled',
    'JobExpired',
    'JobUnsatisfiable',
  ],
  evolve: evolveJob,
  async project(tx, entity) {
    const { state, updatedAt } = entity;
    const { projectId, queueId, phase, priority, attempt, queuedAt, notBefore, maxRuntimeSeconds } = state;
    const isActive = (ACTIVE_PHASES as readonly string[]).includes(phase);
    const last = state.attempts.at(-1) ?? null;
    const row = {
      ...rowOfEntity(entity),
      projectId,
      queueId,
      phase,
      priority,
      attempt,
      queuedAt: toDate(queuedAt),
      notBefore: toDate(notBefore),
      gpuCount: state.spec.gpu.count,
      modelIn: state.spec.gpu.modelIn,
      maxRuntimeSeconds,
      createdById: entity.createdBy.id,
      reservedModelId: isActive ? (last?.gpuModelId ?? null) : null,
      startedAt: toDate(last?.startedAt ?? null),
      endedAt: isFinal(phase) ? toDate(updatedAt) : null,
    };
    await tx.job.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};

const toDate = (at: string | null): Date | null => (at === null ? null : new Date(at));
