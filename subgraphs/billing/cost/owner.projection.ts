import type { ModelsEvent } from '../../../contracts/models.events.js';
import type { SchedulingEvent } from '../../../contracts/scheduling.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';
import { forgetOwners, rememberOwner } from './owner.repository.js';

/** Whose jobs are, before they have devices. */
export const jobProjection: Projection = {
  name: 'billing.jobs',
  source: 'scheduling',
  async apply(tx, event) {
    const { type } = event as Positioned<SchedulingEvent>;
    if (type === 'JobSubmitted') await rememberOwner(tx, event, 'JOB');
  },
  clear: (tx) => forgetOwners(tx, 'JOB'),
};

/** Whose deployments are, and which job made a version. */
export const modelProjection: Projection = {
  name: 'billing.models',
  source: 'models',
  async apply(tx, event) {
    const { type, data } = event as Positioned<ModelsEvent>;
    if (type === 'DeploymentRequested') await rememberOwner(tx, event, 'DEPLOYMENT');
    if (type !== 'ModelVersionCreated' || data.producedByJobId === null) return;
    const { id, producedByJobId: jobId } = data;
    await tx.trainedVersion.createMany({ data: [{ id, jobId }], skipDuplicates: true });
  },
  async clear(tx) {
    await forgetOwners(tx, 'DEPLOYMENT');
    await tx.trainedVersion.deleteMany();
  },
};
