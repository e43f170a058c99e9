import { explain, type NodeLoad, refusal } from './fit.js';
import { addAmounts, podRequests } from '../api/quantity.js';
import { isFinished } from '../controllers/podControl.js';
import { withCondition } from '../kubelet/conditions.js';
import { nodes, pods } from '../resources.js';
import type { Controller } from '../controllers/loop.js';
import type { RecordEvent } from '../controllers/eventRecorder.js';
import type { Registry } from '../api/registry.js';
import type { Node, Pod } from '../../../platform/kubernetes/kinds.js';

const manager = 'default-scheduler';

const IDLE: NodeLoad = { pods: [], used: new Map<string, number>() };

/** Binds waiting pods, the oldest first, to the node that fits and has the least in use; says why others wait. */
export function createScheduler(registry: Registry, record: RecordEvent): Controller {
  const bind = (pod: Pod, nodeName: string) => {
    const bound = registry.update(
      pods,
      { ...pod, spec: { ...pod.spec, nodeName } as Pod['spec'] & object },
      { manager },
    );
    setScheduled(bound, { status: 'True' });
    const { namespace, name } = pod.metadata;
    record(pod, {
      reason: 'Scheduled',
      message: `Successfully assigned ${namespace}/${name} to ${nodeName}`,
    });
  };

  const leaveWaiting = (pod: Pod, message: string) => {
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (known?.status === 'False' && known.message === message) return;
    setScheduled(pod, { status: 'False', reason: 'Unschedulable', message });
    record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
  };

  const setScheduled = (pod: Pod, condition: { status: string; reason?: string; message?: string }) => {
    const conditions = withCondition(
      pod.status?.conditions,
      { type: 'PodScheduled', ...condition },
      registry.now(),
    );
    registry.update(pods, { ...pod, status: { ...pod.status, conditions } }, { manager, part: 'status' });
  };

  return {
    name: manager,
    reconcile() {
      const all = registry.list(pods);
      const waiting = all.filter(({ spec, metadata }) => !spec?.nodeName && !metadata.deletionTimestamp);
      if (waiting.length === 0) return null;
      const loads = loadByNode(all);
      for (const pod of waiting.sort(byAge)) {
        const candidates = registry.list(nodes).map((node) => ({
          node,
          why: refusal(pod, node, loads.get(node.metadata.name) ?? IDLE),
        }));
        const best = candidates
          .filter(({ why }) => why === null)
          .map(({ node }) => node)
          .sort(byUse(loads))[0];
        if (!best) leaveWaiting(pod, explain(candidates.map(({ why }) => why ?? '')));
        else {
          const { name } = best.metadata;
          addTo(loads, name, pod);
          bind(pod, name);
        }
      }
      return null;
    },
  };
}

function loadByNode(all: readonly Pod[]): Map<string, NodeLoad> {
  const loads = new Map<string, NodeLoad>();
  for (const pod of all) {
    const nodeName = pod.spec?.nodeName;
    if (nodeName && !isFinished(pod)) addTo(loads, nodeName, pod);
  }
  return loads;
}

function addTo(loads: Map<string, NodeLoad>, nodeName: string, pod: Pod): void {
  const { pods: others, used } = loads.get(nodeName) ?? IDLE;
  loads.set(nodeName, { pods: [...others, pod], used: addAmounts(used, podRequests(pod)) });
}

const byAge = ({ metadata: a }: Pod, { metadata: b }: Pod) =>
  (a.creationTimestamp ?? '') < (b.creationTimestamp ?? '')
    ? -1
    : a.creationTimestamp === b.creationTimestamp
      ? 0
      : 1;

/** Least GPUs in use first, then by name, so that the same cluster gives the same answer. */
const byUse =
  (loads: ReadonlyMap<string, NodeLoad>) =>
  ({ metadata: { name: a } }: Node, { metadata: { name: b } }: Node) => {
    const gpus = (name: string) => loads.get(name)?.used.get('nvidia.com/gpu') ?? 0;
    return gpus(a) - gpus(b) || (a < b ? -1 : 1);
  };
