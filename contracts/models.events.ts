/** Facts of models that other contexts read. Stored for ever: add optional fields or new types only. */
export type RegisteredModelEvent = {
  type: 'ModelRegistered';
  data: { id: string; projectId: string; name: string; task: string | null };
};

export type ModelsEvent = RegisteredModelEvent;
