import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

/** The jobs that there are: a version is produced by one of them, or by none. */
export const jobProjection: Projection = {
  name: 'models.jobs',
  source: 'scheduling',
  async apply(tx, event) {
    if (event.type !== 'JobSubmitted') return;
    const { id, projectId } = (event as Positioned<JobEvent & { type: 'JobSubmitted' }>).data;
    await tx.modelsJob.createMany({ data: [{ id, projectId }], skipDuplicates: true });
  },
  async clear(tx) {
    await tx.modelsJob.deleteMany();
  },
};
