import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { mayCommand } from './instance.access.js';
import type { InstanceState } from './instance.js';
import { INSTANCE_COMMANDS, type InstanceCommandName, resultingPhase } from './instance.transitions.js';

/** Every command on an instance, and whether its phase and the viewer's rights allow it now. */
export function availableActions(instance: Existing<InstanceState>, viewer: Principal): AvailableAction[] {
  const hasRight = mayCommand(viewer, instance);
  return INSTANCE_COMMANDS.map((action) => availableAction(action, instance.state, hasRight));
}

function availableAction(
  action: InstanceCommandName,
  { phase }: InstanceState,
  hasRight: boolean,
): AvailableAction {
  const resultingState = resultingPhase(phase, action);
  const refused = (reason: string) => ({ action, allowed: false, reason, resultingState: null });
  if (!hasRight) return refused('You do not have the right to command it.');
  if (resultingState === null) return refused(`It is ${phase}.`);
  return { action, allowed: true, reason: null, resultingState };
}
