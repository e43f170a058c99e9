/** Facts of scheduling that other contexts read. Stored for ever: add optional fields or new types only. */
export type QueueEvent = {
  type: 'QueueCreated';
  data: { id: string; projectId: string; name: string };
};

export type SchedulingEvent = QueueEvent;
