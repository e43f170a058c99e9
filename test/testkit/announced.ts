import type { Position, Positioned } from '../../platform/eventStore/event.js';

/** An event as a log would carry it: the n-th of its context, of one of three streams. */
export const announced = (context: string, position: Position): Positioned => ({
  id: `0192f0c0-0000-7000-8000-${position.toString().padStart(12, '0')}`,
  context,
  streamId: `stream_${position % 3n}`,
  version: Number((position + 2n) / 3n),
  type: 'PebblesAdded',
  schemaVersion: 1,
  data: { count: 1 },
  projectId: null,
  actor: { id: 'user_1', kind: 'USER' },
  onBehalfOf: null,
  requestId: 'request_1',
  correlationId: 'correlation_1',
  causationId: null,
  occurredAt: '2026-11-21T10:00:00.000Z',
  recordedAt: '2026-11-21T10:00:00.001Z',
  position,
});
