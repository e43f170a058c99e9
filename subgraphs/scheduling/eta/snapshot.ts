import type { KnownJob } from '../pass/knownJob.js';
import type { SchedulingPass } from '../pass/schedulingPass.js';
import type { JobClass, Option } from '../pass/waitingRoom.js';
import type { Durations, UsedParts } from './durations.js';
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
  const grounds = new Map<string, Map<string, Ground>>();
  const limitIndex = new Map<string, number>();
  const nodeIndex = new Map<string, Map<string, number>>();
  const models = new Map<string, { free: number[]; largestNode: number }>();
  const without = new Map<JobClass, string>();

  /** The limits that count for a project's work on a model, and how long such work runs. */
  function groundOf(projectId: string, gpuModelId: string): Ground {
    const ofProject = grounds.get(projectId) ?? new Map<string, Ground>();
    grounds.set(projectId, ofProject);
    const known = ofProject.get(gpuModelId);
    if (known) return known;
    const cells = quotas.cells(projectId, gpuModelId);
    const made = {
      limits: cells.map(({ projectId: id, nominal, used }) => {
        const key = `${id} ${gpuModelId}`;
        const index = limitIndex.get(key) ?? limits.push({ left: nominal - used, nominal }) - 1;
        limitIndex.set(key, index);
        return index;
      }),
      most: Math.min(...cells.map(({ nominal }) => nominal)),
      parts: durations.of(projectId, gpuModelId),
    };
    ofProject.set(gpuModelId, made);
    return made;
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
    const lasting = (option: Option) => lastingCode(option, count, groundOf(projectId, option.gpuModelId));
    const options = jobClass.options.filter((option) => lasting(option) === null);
    if (options.length === 0) {
      const codes = jobClass.options.map(lasting);
      without.set(jobClass, [...new Set(codes)].join(', '));
      return null;
    }
    const jobs = [...jobClass.ready, ...[...jobClass.held.values()].map(({ job }) => job)];
    return {
      count,
      limitSeconds,
      options: options.map(({ gpuModelId }) => {
        nodesOf(gpuModelId);
        const { limits: counting, parts } = groundOf(projectId, gpuModelId);
        return { gpuModelId, shape: shapeOf(gpuModelId, count), limits: counting, parts };
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
    const { limits: counting, parts } = groundOf(projectId, gpuModelId);
    return {
      gpuModelId,
      limits: counting,
      devices: [...devices].flatMap(([nodeId, count]) => {
        const node = nodes.get(nodeId);
        return node === undefined ? [] : [[node, count] as const];
      }),
      elapsed: startedAt === null ? 0 : Math.max(0, (now - startedAt) / 1_000),
      limitSeconds,
      parts,
    };
  }

  const classes = [...pass.waiting.classes()].flatMap((jobClass) => classOf(jobClass) ?? []);
  const runs = [...occupations(pass)].map(([job, occupation]) => runOf(job, occupation));
  return { snapshot: { models, shapes, limits, runs, classes }, without };
}

/** `most`: devices that the tightest limit would ever allow. */
type Ground = { limits: readonly number[]; most: number; parts: UsedParts };

/** What keeps an option for longer than other work takes; null if nothing does. */
function lastingCode({ checks }: Option, count: number, { most }: Ground): string | null {
  const lasting = checks.find(({ code }) => code !== null && !PASSING.includes(code));
  return lasting?.code ?? (count > most ? 'QUOTA' : null);
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
