import type { CommandRequest } from '../command/commands.js';
import type { Positioned } from '../eventStore/event.js';
import { systemPrincipal } from '../identity/principal.js';

/**
 * The command that a process manager issues because of an event. The key is the event's id, so that handling the event
 * again changes nothing; `part` tells the commands apart that one event leads to. What a person set off stays theirs.
 */
export function reactionTo(
  event: Positioned,
  options: { manager: string; command: string; part?: string; input?: unknown },
): CommandRequest {
  const { manager, command, part = '', input = null } = options;
  return {
    name: command,
    principal: systemPrincipal(manager),
    requestId: event.requestId,
    correlationId: event.correlationId,
    causationId: event.id,
    trace: event.trace,
    onBehalfOf: event.onBehalfOf ?? (event.actor.kind === 'SYSTEM' ? null : event.actor.id),
    idempotencyKey: `${manager}:${event.id}${part && `:${part}`}`,
    input,
  };
}
