import { type NodeRoom, placeGang } from '../../../contracts/gang.js';
import { type KnownNode, modelsOf, roomOf } from '../facts/knownNode.js';
import { type ModelRoom, summarise } from './modelRoom.js';

export type HeldDevice = {
  id: string;
  ownerId: string;
  projectId: string;
  nodeId: string;
  gpuId: string;
  gpuModelId: string;
};

export type Occupied = Pick<HeldDevice, 'ownerId' | 'projectId' | 'gpuModelId' | 'nodeId'> & {
  count: number;
};

/** Devices that a job was promised and that resources have not given yet, on the nodes where they are expected. */
type Promised = { projectId: string; gpuModelId: string; left: number; nodes: Map<string, number> };

export type FleetBook = ReturnType<typeof createFleetBook>;

/**
 * Devices: who has them, and who was promised some. What is promised counts as used until resources give it, so that it is
 * not promised twice. `use` is told of every device that begins or ceases to count for a project.
 */
export function createFleetBook(options: {
  use: (projectId: string, gpuModelId: string, count: number) => void;
  onChange: (topic: string) => void;
}) {
  const { use, onChange } = options;
  const connectivity = new Map<string, string>();
  const nodes = new Map<string, KnownNode>();
  const held = new Map<string, HeldDevice>();
  const takenBy = new Map<string, string>();
  const promises = new Map<string, Promised>();
  /** By model and node, without what is promised there. */
  const rooms = new Map<string, Map<string, NodeRoom>>();
  const promisedOn = new Map<string, number>();
  const current = new Map<string, ModelRoom>();
  const changed = new Set<string>();

  function touch(gpuModelId: string): void {
    current.delete(gpuModelId);
    changed.add(gpuModelId);
  }

  function lookAt(nodeId: string, gpuModelId: string): void {
    const node = nodes.get(nodeId);
    if (!node) return;
    const ofModel = rooms.get(gpuModelId) ?? new Map<string, NodeRoom>();
    rooms.set(gpuModelId, ofModel);
    ofModel.set(
      nodeId,
      roomOf(nodeId, node, gpuModelId, (gpuId) => takenBy.has(gpuId)),
    );
    touch(gpuModelId);
  }

  const isReached = (clusterId: string) => (connectivity.get(clusterId) ?? 'OFFLINE') !== 'OFFLINE';

  /** What there is of a model now, without what is promised. */
  function room(gpuModelId: string): ModelRoom {
    const known = current.get(gpuModelId);
    if (known) return known;
    const nodesNow = [...(rooms.get(gpuModelId)?.values() ?? [])].map((each) => {
      const promised = promisedOn.get(`${gpuModelId} ${each.nodeId}`) ?? 0;
      return { ...each, free: Math.max(0, each.free - promised) };
    });
    const made = summarise(nodesNow, isReached);
    current.set(gpuModelId, made);
    return made;
  }

  function expect(promised: Promised, nodeId: string, count: number): void {
    const key = `${promised.gpuModelId} ${nodeId}`;
    promisedOn.set(key, (promisedOn.get(key) ?? 0) + count);
    promised.nodes.set(nodeId, (promised.nodes.get(nodeId) ?? 0) + count);
  }

  /** So many of the promised devices do not count any more, those that were expected on the node first. */
  function settlePromise(jobId: string, promised: Promised, count: number, nodeId?: string): void {
    const { projectId, gpuModelId } = promised;
    promised.left -= count;
    use(projectId, gpuModelId, -count);
    const first = nodeId === undefined ? [] : [nodeId];
    let open = count;
    for (const id of [...first, ...promised.nodes.keys()]) {
      const here = Math.min(open, promised.nodes.get(id) ?? 0);
      if (here > 0) expect(promised, id, -here);
      open -= here;
    }
    touch(gpuModelId);
    if (promised.left === 0) promises.delete(jobId);
  }

  function release(jobId: string): void {
    const promised = promises.get(jobId);
    if (promised) settlePromise(jobId, promised, promised.left);
  }

  return {
    setConnectivity(clusterId: string, state: string): void {
      connectivity.set(clusterId, state);
      for (const gpuModelId of rooms.keys()) touch(gpuModelId);
    },

    node: (id: string): KnownNode | null => nodes.get(id) ?? null,
    setNode(id: string, node: KnownNode): void {
      const before = nodes.get(id);
      nodes.set(id, node);
      for (const gpuModelId of new Set([...(before ? modelsOf(before) : []), ...modelsOf(node)]))
        lookAt(id, gpuModelId);
    },

    open(device: HeldDevice): void {
      if (held.has(device.id)) return;
      held.set(device.id, device);
      takenBy.set(device.gpuId, device.id);
      use(device.projectId, device.gpuModelId, 1);
      const promised = promises.get(device.ownerId);
      if (promised) settlePromise(device.ownerId, promised, 1, device.nodeId);
      lookAt(device.nodeId, device.gpuModelId);
    },

    close(id: string): void {
      const device = held.get(id);
      if (!device) return;
      held.delete(id);
      if (takenBy.get(device.gpuId) === id) takenBy.delete(device.gpuId);
      use(device.projectId, device.gpuModelId, -1);
      lookAt(device.nodeId, device.gpuModelId);
    },

    held: (): Iterable<HeldDevice> => held.values(),

    /** All devices that count for somebody, where they are or are expected to be. */
    *occupied(): Generator<Occupied> {
      for (const { ownerId, projectId, gpuModelId, nodeId } of held.values())
        yield { ownerId, projectId, gpuModelId, nodeId, count: 1 };
      for (const [ownerId, { projectId, gpuModelId, nodes: expected }] of promises)
        for (const [nodeId, count] of expected) yield { ownerId, projectId, gpuModelId, nodeId, count };
    },

    /** Counts `count` devices for the job from now on. A second promise to the same job changes nothing. */
    promise(jobId: string, projectId: string, gpuModelId: string, count: number): void {
      if (promises.has(jobId) || count <= 0) return;
      const promised: Promised = { projectId, gpuModelId, left: count, nodes: new Map() };
      const place = placeGang(count, room(gpuModelId).reachedNodes);
      for (const nodeId of place?.nodeIds ?? []) expect(promised, nodeId, place?.perNode ?? 0);
      promises.set(jobId, promised);
      use(projectId, gpuModelId, count);
      touch(gpuModelId);
    },

    /** Resources gave it these: what of them is not known yet goes on counting as promised. */
    confirm(jobId: string, allocationIds: readonly string[]): void {
      const promised = promises.get(jobId);
      if (!promised) return;
      const unseen = allocationIds.filter((id) => !held.has(id)).length;
      if (unseen < promised.left) settlePromise(jobId, promised, promised.left - unseen);
    },

    release,

    /** Has all checks looked at again whose devices changed since the last time. */
    settle(): void {
      for (const gpuModelId of changed) onChange(deviceTopic(gpuModelId));
      changed.clear();
    },

    room,
  };
}

export const deviceTopic = (gpuModelId: string): string => `devices ${gpuModelId}`;
