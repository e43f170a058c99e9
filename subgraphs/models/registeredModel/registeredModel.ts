import type { RegisteredModelEvent } from '../../../contracts/models.events.js';

/** A name that resolves to one version of its model. */
export type AliasState = { name: string; versionId: string; setAt: string };

export type RegisteredModelState = {
  projectId: string;
  name: string;
  /** What the model does, in the caller's words. */
  task: string | null;
  /** By name; every name occurs once. */
  aliases: AliasState[];
};

type NewModel = Pick<RegisteredModelState, 'projectId' | 'name' | 'task'>;

/** What the fold needs of an event: the fact, and when it happened. */
export type RegisteredModelFact = RegisteredModelEvent & { occurredAt: string };

export const decideRegisterModel = (id: string, model: NewModel): RegisteredModelEvent[] => [
  { type: 'ModelRegistered', data: { id, ...model } },
];

export function evolveRegisteredModel(
  before: RegisteredModelState | null,
  event: RegisteredModelFact,
): RegisteredModelState {
  if (event.type === 'ModelRegistered') {
    const { projectId, name, task } = event.data;
    return { projectId, name, task, aliases: [] };
  }
  if (!before) throw new Error(`${event.type} of a model that nobody registered`);
  const { name } = event.data;
  const others = before.aliases.filter((alias) => alias.name !== name);
  switch (event.type) {
    case 'AliasSet':
      return {
        ...before,
        aliases: [...others, { name, versionId: event.data.versionId, setAt: event.occurredAt }].sort(byName),
      };
    case 'AliasRemoved':
      return { ...before, aliases: others };
  }
}

export const findAlias = ({ aliases }: RegisteredModelState, name: string): AliasState | null =>
  aliases.find((alias) => alias.name === name) ?? null;

const byName = (a: AliasState, b: AliasState): number => (a.name < b.name ? -1 : 1);
