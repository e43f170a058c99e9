import type { RegisteredModelEvent } from '../../../contracts/models.events.js';
import { findAlias, type RegisteredModelState } from '../registeredModel/registeredModel.js';
import { aliasMoved, noSuchAlias } from './errors.js';

/** Aliases that only those move who may write protected ones. */
const PROTECTED = ['production'];

export const isProtected = (name: string): boolean => PROTECTED.includes(name);

type Model = { id: string; state: RegisteredModelState };

/** The alias that a command is about; `expectedVersionId` is what its giver believes it to resolve to, if they say. */
export type AliasTarget = { name: string; expectedVersionId: string | null };

/** Refused with CONFLICT if the alias resolves to something else than expected. Where it stands already, nothing happens. */
export function decideSetAlias(model: Model, target: AliasTarget, versionId: string): RegisteredModelEvent[] {
  const { name } = target;
  const previousVersionId = currentVersion(model, target);
  if (previousVersionId === versionId) return [];
  return [{ type: 'AliasSet', data: { name, versionId, previousVersionId } }];
}

export function decideRemoveAlias(model: Model, target: AliasTarget): RegisteredModelEvent[] {
  const { name } = target;
  const previousVersionId = currentVersion(model, target);
  if (previousVersionId === null) throw noSuchAlias(model.id, name);
  return [{ type: 'AliasRemoved', data: { name, previousVersionId } }];
}

function currentVersion({ id, state }: Model, { name, expectedVersionId }: AliasTarget): string | null {
  const current = findAlias(state, name)?.versionId ?? null;
  if (expectedVersionId !== null && expectedVersionId !== current)
    throw aliasMoved({ modelId: id, name, expectedVersionId, versionId: current });
  return current;
}
