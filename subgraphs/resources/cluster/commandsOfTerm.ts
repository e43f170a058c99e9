import type { Commands } from '../../../platform/command/commands.js';
import { refuseOlderTerm } from './cluster.js';
import { clusterAggregate } from './cluster.projection.js';

/**
 * Commands of the leader of one term. They are refused, all of them or nothing, once a leader of a later term has begun.
 * That is looked at last: whatever the command has read and decided on before is then older than that beginning.
 */
export const commandsOfTerm = (commands: Commands, clusterId: string, term: number): Commands => ({
  ...commands,
  execute: (request, work) =>
    commands.execute(request, async (unit) => {
      const result = await work(unit);
      const { state } = await unit.load(clusterAggregate, clusterId);
      if (state) refuseOlderTerm(state, term);
      return result;
    }),
});
