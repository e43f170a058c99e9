import type { ClusterEvent, ObservedNode } from '../../../contracts/resources.events.js';
import type { CommandRequest, Commands } from '../../../platform/command/commands.js';
import type { Database } from '../../../platform/database/database.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { randomUUID } from 'node:crypto';
import {
  type ClusterObservation,
  decideLead,
  decideObserveCluster,
  decideRegister,
  type ClusterState,
} from '../cluster/cluster.js';
import { clusterAggregate } from '../cluster/cluster.projection.js';
import type { TellRestored } from '../kubernetes/drift.js';
import { decideLoseNode, decideObserveNode, nodeIdOf, type NodeState } from './node.js';
import { nodeAggregate } from './node.projection.js';

export type ClusterName = { id: string; provider: string; region: string | null };

/** What the one who watches a cluster's nodes tells. Telling the same again changes nothing. */
export interface NodeRecorder {
  /** Makes the cluster known, unless it is. */
  registerCluster(): Promise<void>;
  recordCluster(seen: ClusterObservation): Promise<void>;
  /** Begins a leader's term. Rejects if a later one has begun. */
  recordLead(term: number): Promise<void>;
  /** Records that an object was put right which somebody had changed or deleted. */
  recordRestored: TellRestored;
  /**
   * Records a complete list of the cluster's GPU nodes, which says that the cluster is online, and of which each is one command: one that changed does not wait for
   * the others. Nodes that are not in the list are lost; an empty list is taken for a failed one.
   */
  recordNodes(nodes: readonly ObservedNode[]): Promise<void>;
}

export function createNodeRecorder(
  deps: { database: Database; commands: Commands },
  cluster: ClusterName,
): NodeRecorder {
  const { commands } = deps;
  const { prisma } = deps.database;

  async function recordNode(id: string, observed: ObservedNode, before: NodeState | null): Promise<void> {
    if (decideObserveNode(id, cluster.id, observed, before).length === 0) return;
    await commands.execute(observation('observeNode'), async (unit) => {
      const node = await unit.load(nodeAggregate, id);
      const events = decideObserveNode(id, cluster.id, observed, node.state);
      if (events.length > 0) await unit.save(nodeAggregate, node, events, null);
    });
  }

  async function loseNode(id: string): Promise<void> {
    await commands.execute(observation('loseNode'), async (unit) => {
      const node = await unit.load(nodeAggregate, id);
      if (node.state !== null) await unit.save(nodeAggregate, node, decideLoseNode(node.state), null);
    });
  }

  async function recordCluster(seen: ClusterObservation): Promise<void> {
    const row = await prisma.cluster.findUnique({ where: { id: cluster.id } });
    if (!row || decideObserveCluster(toExisting<ClusterState>(row).state, seen).length === 0) return;
    await changeCluster('observeCluster', (state) => decideObserveCluster(state, seen));
  }

  const changeCluster = (name: string, decide: (state: ClusterState) => ClusterEvent[]) =>
    commands.execute(observation(name), async (unit) => {
      const known = await unit.load(clusterAggregate, cluster.id);
      if (known.state !== null) await unit.save(clusterAggregate, known, decide(known.state), null);
    });

  return {
    recordCluster,

    async recordLead(term) {
      await changeCluster('leadCluster', (state) => decideLead(state, term));
    },

    async recordRestored(data) {
      await changeCluster('restoreObject', () => [{ type: 'ClusterObjectRestored', data }]);
    },

    async registerCluster() {
      const { id, provider, region } = cluster;
      if (await prisma.cluster.findUnique({ where: { id } })) return;
      await commands.execute(observation('registerCluster'), async (unit) => {
        const known = await unit.load(clusterAggregate, id);
        const events = decideRegister({ id, name: id, provider, region }, known.state);
        if (events.length > 0) await unit.save(clusterAggregate, known, events, null);
      });
    },

    async recordNodes(nodes) {
      if (nodes.length === 0) return;
      await recordCluster({ connectivity: 'ONLINE', reason: null, kubernetesVersion: null });
      const rows = await prisma.node.findMany({ where: { clusterId: cluster.id } });
      const known = new Map(rows.map((row) => [row.id, toExisting<NodeState>(row).state]));
      const seen = new Map(nodes.map((node) => [nodeIdOf(cluster.id, node.name), node]));
      for (const [id, node] of seen) await recordNode(id, node, known.get(id) ?? null);
      for (const [id, { lost }] of known) if (!seen.has(id) && !lost) await loseNode(id);
    },
  };
}

/** What the cluster shows begins a story of its own: nobody asked for it. */
function observation(name: string): CommandRequest {
  const requestId = randomUUID();
  return {
    name,
    principal: systemPrincipal('node-reconciler'),
    requestId,
    correlationId: requestId,
    idempotencyKey: null,
    input: null,
  };
}
