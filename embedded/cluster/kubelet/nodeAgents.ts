import { withCondition } from './conditions.js';
import { leases, nodes } from '../resources.js';
import type { Controller } from '../controllers/loop.js';
import type { Registry } from '../api/registry.js';
import type { Node } from '../../../platform/kubernetes/kinds.js';

const manager = 'kubelet';
const HEARTBEAT_MS = 10_000;

/** Reports nodes as ready when they join, and renews the lease by which each shows that it lives. */
export function createNodeAgents(registry: Registry): Controller {
  let beatAtMs = 0;

  const register = (node: Node) => {
    if (node.status?.conditions?.some(({ type }) => type === 'Ready')) return;
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    };
    const status = {
      ...node.status,
      conditions: withCondition(node.status?.conditions, ready, registry.now()),
      addresses: [{ type: 'Hostname', address: node.metadata.name }],
      nodeInfo: {
        ...node.status?.nodeInfo,
        kubeletVersion: 'embedded',
        architecture: 'amd64',
        operatingSystem: 'linux',
      },
    } as Node['status'] & object;
    registry.update(nodes, { ...node, status }, { manager, part: 'status' });
  };

  const beat = ({ metadata: { name } }: Node) => {
    const renewTime = registry.now().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
    const lease = registry.find(leases, 'kube-node-lease', name);
    if (lease) registry.update(leases, { ...lease, spec }, { manager });
    else {
      const metadata = { name, namespace: 'kube-node-lease' };
      registry.create(leases, { apiVersion: leases.apiVersion, kind: leases.kind, metadata, spec } as never, {
        manager,
      });
    }
  };

  return {
    name: 'node-agents',
    reconcile() {
      const all = registry.list(nodes);
      all.forEach(register);
      const nowMs = registry.now().getTime();
      if (nowMs >= beatAtMs) {
        beatAtMs = nowMs + HEARTBEAT_MS;
        all.forEach(beat);
      }
      return beatAtMs;
    },
  };
}
