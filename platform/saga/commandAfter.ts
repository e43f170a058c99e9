import type { CommandRequest } from '../command/commands.js';
import type { EventStore } from '../eventStore/eventStore.js';
import { systemPrincipal } from '../identity/principal.js';

/**
 * A command that a part of Fleetgraph gives because of what became of a stream: it follows from the stream's last event,
 * belongs to the request and the trace that led to it, and is done on behalf of whoever made that. It has no key, so it must be harmless
 * to repeat. Null if there is no such stream.
 */
export async function commandAfter(
  store: EventStore,
  streamId: string,
  { by, name }: { by: string; name: string },
): Promise<CommandRequest | null> {
  const last = (await store.readStream(streamId)).at(-1);
  if (!last) return null;
  const { id: causationId, requestId, correlationId, actor, trace } = last;
  return {
    name,
    principal: systemPrincipal(by),
    requestId,
    correlationId,
    causationId,
    trace,
    onBehalfOf: last.onBehalfOf ?? (actor.kind === 'SYSTEM' ? null : actor.id),
    idempotencyKey: null,
    input: null,
  };
}
