import type { KnownJob } from '../pass/knownJob.js';
import type { SchedulingPass } from '../pass/schedulingPass.js';
import type { JobClass, Option } from '../pass/waitingRoom.js';
import type { Durations } from './durations.js';
import type { SimulatedClass, SimulatedRun, Snapshot } from './simulation.js';

/** Checks that work ends clear; what else is in the way lasts as long as somebody lets it. */
const PASSING = ['QUOTA', 'CAPACITY'];

/** What the reckoning starts from, and the classes that no time can be reckoned for, with what they wait for. */
export function takeSnapshot(
  pass: SchedulingPass,
  durations: Durations,
  now: number,
): { snapshot: Snapshot; without: Map<JobClass, string> } {
  const { quotas, fleet } = pass;
  const limits: Snapshot['limits'][number][] = [];
  const shapes: Snapshot['shapes'][number][] = [];
  const shapeIndex = new Map<string, number>();
  const limitIndex = new Map<string, number>();
  const nodeIndex = new Map<string, Map<string, number>>();
  const models = new Map<string, { free: number[]; largestNode: number }>();
  const without = new Map<JobClass, string>();

  function limitsOf(projectId: string, gpuModelId: string): number[] {
    return quotas.cells(projectId, gpuModelId).map((cell) => {
      const key = `${cell.projectId} ${gpuModelId}`;
      const known = limitIndex.get(key);
      if (known !== undefined) return known;
      limitIndex.set(key, limits.length);
      return limits.push({ left: cell.nominal - cell.used, nominal: cell.nominal }) - 1;
    });
  }

  function nodesOf(gpuModelId: string): Map<string, number> {
    const known = nodeIndex.get(gpuModelId);
    if (known) return known;
    const nodes = fleet.room(gpuModelId).reachedNodes;
    const made = new Map(nodes.map(({ nodeId }, index) => [nodeId, index]));
    nodeIndex.set(gpuModelId, made);
    models.set(gpuModelId, {
      free: nodes.map(({ free }) => free),
      largestNode: nodes.reduce((largest, { present }) => Math.max(largest, present), 0),
    });
    return made;
  }

  function shapeOf(gpuModelId: string, count: number): number {
    const key = `${gpuModelId} ${count}`;
    const index = shapeIndex.get(key) ?? shapes.push({ gpuModelId, count }) - 1;
    shapeIndex.set(key, index);
    return index;
  }

  function classOf(jobClass: JobClass): SimulatedClass | null {
    const { projectId, count, maxRuntimeSeconds: limitSeconds } = jobClass;
    const options = jobClass.options.filter((option) => lastingCode(pass, jobClass, option) === null);
    if (options.length === 0) {
      const codes = jobClass.options.map((option) => lastingCode(pass, jobClass, option));
      without.set(jobClass, [...new Set(codes)].join(', '));
      return null;
    }
    const jobs = [...jobClass.ready, ...[...jobClass.held.values()].map(({ job }) => job)];
    return {
      count,
      limitSeconds,
      options: options.map(({ gpuModelId }) => {
        nodesOf(gpuModelId);
        const parts = durations.of(projectId, gpuModelId);
        return {
          gpuModelId,
          shape: shapeOf(gpuModelId, count),
          limits: limitsOf(projectId, gpuModelId),
          parts,
        };
      }),
      jobs: jobs.map(({ id, priority, notBefore }) => ({
        ...{ id, priority },
        notBefore: notBefore === null ? 0 : Math.max(0, (notBefore - now) / 1_000),
      })),
    };
  }

  function runOf(job: KnownJob, { projectId, gpuModelId, devices }: Occupation): SimulatedRun {
    const nodes = nodesOf(gpuModelId);
    const { maxRuntimeSeconds: limitSeconds, startedAt } = job;
    return {
      gpuModelId,
      limits: limitsOf(projectId, gpuModelId),
      devices: [...devices].flatMap(([nodeId, count]) => {
        const node = nodes.get(nodeId);
        return node === undefined ? [] : [[node, count] as const];
      }),
      elapsed: startedAt === null ? 0 : Math.max(0, (now - startedAt) / 1_000),
      limitSeconds,
      parts: durations.of(projectId, gpuModelId),
    };
  }

  const classes = [...pass.waiting.classes()].flatMap((jobClass) => classOf(jobClass) ?? []);
  const runs = [...occupations(pass)].map(([job, occupation]) => runOf(job, occupation));
  return { snapshot: { models, shapes, limits, runs, classes }, without };
}

/** What keeps an option for longer than other work takes; null if nothing does. */
function lastingCode(
  { quotas }: SchedulingPass,
  { projectId, count }: JobClass,
  option: Option,
): string | null {
  const lasting = option.checks.find(({ code }) => code !== null && !PASSING.includes(code));
  if (lasting) return lasting.code;
  const cells = quotas.cells(projectId, option.gpuModelId);
  return cells.some(({ nominal }) => count > nominal) ? 'QUOTA' : null;
}

type Occupation = { projectId: string; gpuModelId: string; devices: Map<string, number> };

/** Where the devices of each job are. What was promised and not given yet counts where it is expected. */
function occupations({ fleet, jobs }: SchedulingPass): Map<KnownJob, Occupation> {
  const known = jobs();
  const byJob = new Map<KnownJob, Occupation>();
  for (const { ownerId, projectId, gpuModelId, nodeId, count } of fleet.occupied()) {
    const job = known.get(ownerId);
    if (!job) continue;
    const occupation = byJob.get(job) ?? { projectId, gpuModelId, devices: new Map<string, number>() };
    occupation.devices.set(nodeId, (occupation.devices.get(nodeId) ?? 0) + count);
    byJob.set(job, occupation);
  }
  return byJob;
}
