import type { RegisteredModelEvent } from '../../../contracts/models.events.js';

export type RegisteredModelState = {
  projectId: string;
  name: string;
  /** What the model does, in the caller's words. */
  task: string | null;
};

export const decideRegisterModel = (id: string, model: RegisteredModelState): RegisteredModelEvent[] => [
  { type: 'ModelRegistered', data: { id, ...model } },
];

export function evolveRegisteredModel(
  _state: RegisteredModelState | null,
  event: RegisteredModelEvent,
): RegisteredModelState {
  switch (event.type) {
    case 'ModelRegistered': {
      const { projectId, name, task } = event.data;
      return { projectId, name, task };
    }
  }
}
