import type { ProjectEvent } from '../../../contracts/governance.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

/** The projects that there are, by whose keys their namespaces are named: models are registered in existing ones only. */
export const projectProjection: Projection = {
  name: 'models.projects',
  source: 'governance',
  async apply(tx, event) {
    if (event.type !== 'ProjectCreated') return;
    const { id, key } = (event as Positioned<ProjectEvent>).data;
    await tx.modelsProject.createMany({ data: [{ id, key }], skipDuplicates: true });
  },
  async clear(tx) {
    await tx.modelsProject.deleteMany();
  },
};
