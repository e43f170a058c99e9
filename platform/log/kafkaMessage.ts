import type { Message } from 'kafkajs';
import { z } from 'zod';
import type { Positioned } from '../eventStore/event.js';
import { PARTITION } from './kafkaTopics.js';

/** An event as a message, as docs/events.md and docs/asyncapi.json describe it to those who read the topics. */
export function toMessage({ position, ...event }: Positioned): Message & { value: string } {
  return {
    partition: PARTITION,
    key: event.streamId,
    value: JSON.stringify({ ...event, position: String(position) }),
    timestamp: String(Date.parse(event.recordedAt)),
    headers: {
      position: String(position),
      id: event.id,
      type: event.type,
      schemaVersion: String(event.schemaVersion),
      context: event.context,
      correlationId: event.correlationId,
      contentType: 'application/json',
      // By the name by which tracing looks for it.
      ...(event.trace !== undefined && { traceparent: event.trace }),
    },
  };
}

const Envelope = z.object({
  id: z.string().min(1),
  context: z.string(),
  streamId: z.string().min(1),
  version: z.int().min(1),
  position: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .transform(BigInt),
  type: z.string().min(1),
  schemaVersion: z.int().min(1),
  data: z.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  projectId: z.string().nullable(),
  actor: z.object({ id: z.string(), kind: z.enum(['USER', 'SERVICE_ACCOUNT', 'API_KEY', 'SYSTEM']) }),
  onBehalfOf: z.string().nullable(),
  requestId: z.string(),
  correlationId: z.string(),
  causationId: z.string().nullable(),
  trace: z.string().exactOptional(),
  occurredAt: z.iso.datetime(),
  recordedAt: z.iso.datetime(),
});

/** The event of the context in a message's value, or why there is none. */
export function readMessage(context: string, value: Buffer | null): Positioned | { refused: string } {
  if (value === null) return { refused: 'it is empty' };
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch {
    return { refused: 'it is no JSON' };
  }
  const { data: event, error } = Envelope.safeParse(json);
  if (error) return { refused: z.prettifyError(error) };
  if (event.context !== context) return { refused: 'it is of another context' };
  return event;
}
