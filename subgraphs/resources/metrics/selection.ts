import { badUserInput, notFound } from '../../../platform/errors.js';
import type { AllocationState } from '../allocation/allocation.js';
import type { Context } from '../context.js';
import { seesFleet } from '../gpu/gpu.access.js';
import { seesContents } from '../instance/instance.access.js';
import { visibleInstance } from '../instance/visibleInstance.js';
import type { GpuMetricSelector } from './gpuMetrics.inputs.js';

/** Devices by their ids, or those of whoever has them. */
export type Selection =
  | { readonly gpuIds: readonly string[] }
  | { readonly owner: AllocationState['owner'] }
  | { readonly projectId: string };

export const holds = (
  selection: Exclude<Selection, { gpuIds: readonly string[] }>,
  { owner, projectId }: Pick<AllocationState, 'owner' | 'projectId'>,
): boolean =>
  'projectId' in selection
    ? selection.projectId === projectId
    : selection.owner.kind === owner.kind && selection.owner.id === owner.id;

const CHOICES = ['jobId', 'instanceId', 'deploymentId', 'projectId', 'nodeId', 'gpuIds'] as const;
const GPUS_MAX = 100;

/**
 * What a selector chooses. Nodes and devices are for those who see the fleet, the devices of an instance, a job, a
 * deployment or a project for those who see into the project; for others they do not exist.
 */
export async function readSelection(selector: GpuMetricSelector, context: Context): Promise<Selection> {
  const given = CHOICES.filter((choice) => selector[choice] != null);
  if (given.length !== 1)
    throw badUserInput([{ path: ['selector'], message: `give exactly one of ${CHOICES.join(', ')}` }]);
  if (selector.gpuIds && !(selector.gpuIds.length >= 1 && selector.gpuIds.length <= GPUS_MAX))
    throw badUserInput([{ path: ['selector', 'gpuIds'], message: `1 to ${GPUS_MAX} ids are needed` }]);
  const { jobId, instanceId, deploymentId, projectId, nodeId, gpuIds } = selector;
  if (gpuIds != null) return selectGpus(gpuIds, context);
  if (nodeId != null) return selectNode(nodeId, context);
  if (instanceId != null) return selectInstance(instanceId, context);
  if (deploymentId != null) return selectDeployment(deploymentId, context);
  if (projectId != null) return selectProject(projectId, context);
  return selectJob(jobId ?? '', context);
}

async function selectGpus(gpuIds: readonly string[], { principal, loaders }: Context): Promise<Selection> {
  const found = await loaders.gpu.loadMany([...gpuIds]);
  const missing = gpuIds.find((_, index) => !seesFleet(principal) || found[index] === null);
  if (missing !== undefined) throw notFound('Gpu', missing);
  return { gpuIds };
}

async function selectNode(nodeId: string, { principal, loaders }: Context): Promise<Selection> {
  if (!seesFleet(principal) || !(await loaders.node.load(nodeId))) throw notFound('Node', nodeId);
  return { gpuIds: (await loaders.gpusOfNode.load(nodeId)).map(({ id }) => id) };
}

async function selectInstance(id: string, context: Context): Promise<Selection> {
  if (!(await visibleInstance(id, context))) throw notFound('Instance', id);
  return { owner: { kind: 'INSTANCE', id } };
}

async function selectProject(id: string, { principal }: Context): Promise<Selection> {
  if (!seesContents(principal, id)) throw notFound('Project', id);
  return { projectId: id };
}

/** A job that waits has no devices yet; they are shown once it has some. */
async function selectJob(id: string, { principal, logs }: Context): Promise<Selection> {
  const projectId = await logs.store.projectOf(id);
  if (projectId === null || !seesContents(principal, projectId)) throw notFound('Job', id);
  return { owner: { kind: 'JOB', id } };
}

/** Resources know a deployment from when devices were asked for it. */
async function selectDeployment(id: string, { principal, loaders }: Context): Promise<Selection> {
  const workload = await loaders.deploymentWorkload.load(id);
  if (!workload || !seesContents(principal, workload.projectId)) throw notFound('Deployment', id);
  return { owner: { kind: 'DEPLOYMENT', id } };
}
