import type { BillingEvent } from '../../../contracts/billing.events.js';
import { type GangPlace, type NodeRoom, placeGang } from '../../../contracts/gang.js';
import type { GovernanceEvent } from '../../../contracts/governance.events.js';
import type { NodeEvent, ObservedNode, ResourcesEvent } from '../../../contracts/resources.events.js';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import { hear, type HeardContext, type HeardEvent } from './heard.js';
import { createSchedulingPass, type JobPick } from './schedulingPass.js';

export const H100 = 'h100-sxm5-80gb';
export const A100 = 'a100-sxm4-80gb';
export const CLUSTER = 'eu-1';

export type Wish = {
  projectId: string;
  count?: number;
  modelIn?: string[];
  priority?: number;
  maxRuntimeSeconds?: number;
  notBefore?: number | null;
};

type AnyEvent = GovernanceEvent | ResourcesEvent | BillingEvent | JobEvent;
type Device = { gpuId: string; nodeId: string; gpuModelId: string; allocationId: string | null };

export type PassWorld = ReturnType<typeof createPassWorld>;

/**
 * A pass with a fleet and jobs that exist only as events. What it picks gets its devices as resources would give them;
 * `heard` keeps all events, so that a test can tell them again in another order. Time stands still unless moved.
 */
export function createPassWorld(start = Date.parse('2026-11-21T10:00:00Z')) {
  let ids = 0;
  const newId = (kind: string) => `${kind}_${String(++ids).padStart(8, '0')}`;
  const pass = createSchedulingPass(() => newId('decision'));
  const heard: HeardEvent[] = [];
  const versions = new Map<string, number>();
  const devices = new Map<string, Device>();
  const clusterOf = new Map<string, string>();
  const attempts = new Map<string, number>();
  const clock = { now: start };

  function tell(context: HeardContext, streamId: string, event: AnyEvent): void {
    const version = (versions.get(streamId) ?? 0) + 1;
    versions.set(streamId, version);
    const occurredAt = new Date(clock.now).toISOString();
    const told: HeardEvent = { ...event, context, streamId, version, occurredAt };
    heard.push(told);
    hear(pass, told, clock.now);
  }

  const tellJob = (id: string, event: JobEvent) => tell('scheduling', id, event);
  const deadline = 'never';

  function queue(id: string, notBefore: number | null = null): void {
    const attempt = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, attempt);
    const cause = attempt === 1 ? 'SUBMITTED' : 'RETRY';
    const until = notBefore === null ? null : new Date(notBefore).toISOString();
    tellJob(id, { type: 'JobQueued', data: { attempt, cause, notBefore: until, deadline } });
  }

  /** What resources would see: their own books, not the pass's. */
  function roomsOf(gpuModelId: string): NodeRoom[] {
    const byNode = new Map<string, NodeRoom>();
    for (const { nodeId, allocationId, ...device } of devices.values()) {
      if (device.gpuModelId !== gpuModelId) continue;
      const room = byNode.get(nodeId) ?? {
        nodeId,
        clusterId: clusterOf.get(nodeId) ?? '',
        present: 0,
        free: 0,
      };
      byNode.set(nodeId, { ...room, present: room.present + 1, free: room.free + Number(!allocationId) });
    }
    return [...byNode.values()];
  }

  function take(place: GangPlace, gpuModelId: string): Device[] {
    return place.nodeIds.flatMap((nodeId) =>
      [...devices.values()]
        .filter(
          (device) => device.nodeId === nodeId && device.gpuModelId === gpuModelId && !device.allocationId,
        )
        .slice(0, place.perNode),
    );
  }

  return {
    pass,
    clock,
    heard,
    tell,

    project(id: string, parentId: string | null = null): void {
      tell('governance', id, { type: 'ProjectCreated', data: { id, key: id, name: id, parentId } });
    },
    quota(projectId: string, nominal: number, gpuModelId = H100): void {
      const id = `quota_${projectId}_${gpuModelId}`;
      tell('governance', id, { type: 'QuotaSet', data: { id, projectId, gpuModelId, nominal } });
    },
    cluster(connectivity: 'ONLINE' | 'OFFLINE', id = CLUSTER): void {
      tell('resources', id, { type: 'ClusterConnectivityChanged', data: { connectivity, reason: null } });
    },
    node(name: string, count = 8, gpuModelId = H100, clusterId = CLUSTER): void {
      const id = `${clusterId}/${name}`;
      clusterOf.set(id, clusterId);
      for (let index = 0; index < count; index++)
        devices.set(`${id}/${index}`, {
          gpuId: `${id}/${index}`,
          nodeId: id,
          gpuModelId,
          allocationId: null,
        });
      const data = { id, clusterId, observed: observed(name, count, gpuModelId) };
      tell('resources', id, { type: 'NodeDiscovered', data });
    },
    changeNode: (name: string, event: NodeEvent): void => tell('resources', `${CLUSTER}/${name}`, event),

    submit(wish: Wish): string {
      const { projectId, count = 1, modelIn = [H100], priority = 0, maxRuntimeSeconds = 3_600 } = wish;
      const id = newId('job');
      const spec = { image: 'train', command: [], gpu: { modelIn, count } };
      const rest = { env: [], secretRefs: [], labels: [], annotations: [] };
      const data = { id, projectId, queueId: `queue_${projectId}`, name: id, spec: { ...spec, ...rest } };
      tellJob(id, {
        type: 'JobSubmitted',
        data: { ...data, priority, maxRuntimeSeconds, planHash: 'plan' },
      });
      queue(id, wish.notBefore ?? null);
      return id;
    },
    requeue: queue,
    cancel: (id: string): void =>
      tellJob(id, { type: 'JobCancelled', data: { endReason: 'CANCELLED', message: null } }),

    /** Says that the money is held: the job is RESERVED. */
    reserve({ jobId, attempt, gpuModelId }: JobPick): void {
      const job = pass.jobs().get(jobId);
      if (!job) throw new Error(`${jobId} does not wait`);
      const { projectId, maxRuntimeSeconds, count, modelIn } = job;
      const spec = { image: 'train', command: [], gpu: { modelIn: [...modelIn], count } };
      const rest = { env: [], secretRefs: [], labels: [], annotations: [] };
      const data = { attempt, projectId, name: jobId, spec: { ...spec, ...rest }, gpuModelId };
      tellJob(jobId, { type: 'JobReserved', data: { ...data, holdId: null, maxRuntimeSeconds, deadline } });
      pass.answer({ jobId, attempt, gpuModelId, decisionId: '' }, { outcome: 'RESERVED' }, clock.now);
    },

    /** Gives a reserved job its devices, as resources do; false if they have none to give. */
    give(jobId: string): boolean {
      const job = pass.jobs().get(jobId);
      if (!job?.gpuModelId) throw new Error(`${jobId} is not reserved`);
      const { gpuModelId, projectId, count, attempt } = job;
      const place = placeGang(count, roomsOf(gpuModelId));
      if (!place) return false;
      const allocationIds = take(place, gpuModelId).map((device) => {
        const id = newId('allocation');
        device.allocationId = id;
        const { gpuId, nodeId } = device;
        const data = { id, owner: { kind: 'JOB', id: jobId }, projectId, gpuId, gpuModelId, nodeId } as const;
        const from = new Date(clock.now).toISOString();
        tell('resources', id, { type: 'AllocationOpened', data: { ...data, basisPoints: 10_000, from } });
        return id;
      });
      tellJob(jobId, { type: 'JobStarting', data: { attempt, allocationIds, deadline } });
      const startedAt = new Date(clock.now).toISOString();
      tellJob(jobId, { type: 'JobRunning', data: { attempt, startedAt, deadline } });
      return true;
    },

    /** Takes devices for something that is no job and has no end. */
    occupy(projectId: string, count: number, gpuModelId = H100): string[] {
      const free = [...devices.values()].filter(
        (each) => each.gpuModelId === gpuModelId && !each.allocationId,
      );
      return free.slice(0, count).map((device) => {
        const id = newId('allocation');
        device.allocationId = id;
        const { gpuId, nodeId } = device;
        const owner = { kind: 'INSTANCE', id: newId('instance') } as const;
        const from = new Date(clock.now).toISOString();
        const data = { id, owner, projectId, gpuId, gpuModelId, nodeId, basisPoints: 10_000, from };
        tell('resources', id, { type: 'AllocationOpened', data });
        return id;
      });
    },
    giveBack(allocationId: string): void {
      for (const device of devices.values())
        if (device.allocationId === allocationId) device.allocationId = null;
      const to = new Date(clock.now).toISOString();
      tell('resources', allocationId, { type: 'AllocationClosed', data: { id: allocationId, to } });
    },

    /** Ends a running job: its devices are given back, then it has succeeded. */
    finish(jobId: string): void {
      const attempt = attempts.get(jobId) ?? 1;
      tellJob(jobId, { type: 'JobCompleting', data: { attempt, deadline } });
      for (const { id, ownerId } of [...pass.fleet.held()]) if (ownerId === jobId) this.giveBack(id);
      tellJob(jobId, { type: 'JobSucceeded', data: { endReason: 'COMPLETED', message: null } });
    },

    /** Runs the pass, and starts what it picks. Returns the ids of the jobs that run now. */
    start(): string[] {
      const { picks } = pass.run(clock.now);
      for (const pick of picks) {
        this.reserve(pick);
        if (!this.give(pick.jobId)) throw new Error(`${pick.jobId} was picked without devices`);
      }
      return picks.map(({ jobId }) => jobId);
    },
    codes: (jobId: string): string[] => pass.blockers(jobId).map(({ code }) => code),
  };
}

export function observed(name: string, count: number, gpuModelId: string): ObservedNode {
  const device = (index: number) =>
    ({ index, gpuModelId, uuid: null, memoryMiB: null, health: 'HEALTHY' }) as const;
  return {
    ...{ name, zone: null, cpuMillis: 1, memoryMiB: 1, ready: true, unschedulable: false },
    devices: Array.from({ length: count }, (_, index) => device(index)),
  };
}
