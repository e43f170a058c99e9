import type { Permission } from '../../../contracts/permissions.js';
import type { NodeEvent } from '../../../contracts/resources.events.js';
import type { CommandAnswer, CommandRequest, Commands } from '../../../platform/command/commands.js';
import { conflict, forbidden, notFound } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { operatesFleet, seesFleet } from '../gpu/gpu.access.js';
import type { NodeState } from './node.js';
import { nodeAggregate } from './node.projection.js';

export type NodeTarget = { id: string; expectedVersion?: number | null };
/** `preview` is the node as it would be, in a dry run. */
export type NodeResult = { id: string; preview: Existing<NodeState> | null };

/** What an operator decides about a node. Refused for everybody else. */
export function commandNode(
  commands: Commands,
  command: CommandRequest,
  { id, expectedVersion }: NodeTarget,
  decide: (node: NodeState) => NodeEvent[],
): Promise<CommandAnswer<NodeResult>> {
  const { principal, dryRun } = command;
  return commands.execute(command, async (unit) => {
    const node = await unit.load(nodeAggregate, id);
    if (node.state === null || !seesFleet(principal)) throw notFound('Node', id);
    if (!operatesFleet(principal)) throw forbidden('fleet:operate' satisfies Permission);
    if (expectedVersion != null && node.version !== expectedVersion)
      throw conflict(id, expectedVersion, node.version);
    const saved = await unit.save(nodeAggregate, node, decide(node.state), null);
    return { id, preview: dryRun ? saved : null };
  });
}
