import { INDEX } from './jobProgress.js';
import { controllerRef } from './owners.js';
import { randomSuffix } from '../api/registry.js';
import type { Draft } from '../api/registry.js';
import type { Job } from '../../../platform/kubernetes/kinds.js';

/** A pod of a job; of an indexed one it knows its index by name, label, annotation and environment. */
export function jobPod(job: Job, index: number | null): Draft {
  const { namespace, name } = job.metadata;
  const { metadata, spec } = job.spec?.template ?? {};
  const isIndexed = index !== null;
  const indexVariable = { name: 'JOB_COMPLETION_INDEX', value: String(index) };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: isIndexed ? `${name}-${index}-${randomSuffix()}` : `${name}-${randomSuffix()}`,
      generateName: isIndexed ? `${name}-${index}-` : `${name}-`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...metadata?.labels, ...(isIndexed && { [INDEX]: String(index) }) },
      annotations: { ...metadata?.annotations, ...(isIndexed && { [INDEX]: String(index) }) },
      ownerReferences: [controllerRef(job)],
    },
    spec: {
      ...spec,
      ...(isIndexed && { hostname: `${name}-${index}` }),
      containers: (spec?.containers ?? []).map((container) => ({
        ...container,
        ...(isIndexed && { env: [...(container.env ?? []), indexVariable] }),
      })),
    },
  } as Draft;
}
