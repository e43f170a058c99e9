import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RegisteredModelEvent } from '../../../contracts/models.events.js';
import { PublicError } from '../../../platform/errors.js';
import {
  evolveRegisteredModel,
  findAlias,
  type RegisteredModelState,
} from '../registeredModel/registeredModel.js';
import { decideRemoveAlias, decideSetAlias, isProtected } from './alias.js';

const id = 'model_1';
const occurredAt = '2026-11-21T10:00:00.000Z';
const fold = (state: RegisteredModelState | null, events: readonly RegisteredModelEvent[]) =>
  events.reduce((before, event) => evolveRegisteredModel(before, { ...event, occurredAt }), state);

const born = fold(null, [
  { type: 'ModelRegistered', data: { id, projectId: 'project_1', name: 'llama', task: null } },
]) as RegisteredModelState;

const names = fc.constantFrom('champion', 'challenger', 'production');
const versions = fc.constantFrom('model-version_1', 'model-version_2', 'model-version_3');
const wishes = fc.record({
  name: names,
  /** Null takes the alias away. */
  versionId: fc.option(versions),
  expectedVersionId: fc.option(versions, { freq: 3 }),
});

function decide(state: RegisteredModelState, { name, versionId, expectedVersionId }: WishOf<typeof wishes>) {
  const target = { name, expectedVersionId };
  return versionId === null
    ? decideRemoveAlias({ id, state }, target)
    : decideSetAlias({ id, state }, target, versionId);
}

type WishOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Wish> ? Wish : never;

test('after every event each alias resolves to exactly one version, the one that it was set to last', () => {
  fc.assert(
    fc.property(fc.array(wishes, { maxLength: 60 }), (asked) => {
      let state = born;
      const resolves = new Map<string, string>();
      for (const wish of asked) {
        const before = resolves.get(wish.name) ?? null;
        const expected = wish.expectedVersionId === null || wish.expectedVersionId === before;
        const exists = wish.versionId !== null || before !== null;
        let events: RegisteredModelEvent[] = [];
        try {
          events = decide(state, wish);
          expect(expected && exists).toBe(true);
        } catch (error) {
          if (!(error instanceof PublicError)) throw error;
          expect(error.extensions.code).toBe(expected ? 'NOT_FOUND' : 'CONFLICT');
        }
        for (const event of events) {
          if (event.type === 'ModelRegistered') throw new Error('A model is registered once');
          expect(event.data.previousVersionId).toBe(before);
          if (event.type === 'AliasSet') resolves.set(event.data.name, event.data.versionId);
          else resolves.delete(event.data.name);
          state = fold(state, [event]) as RegisteredModelState;
          expect(Object.fromEntries(state.aliases.map(({ name, versionId }) => [name, versionId]))).toEqual(
            Object.fromEntries(resolves),
          );
          expect(new Set(state.aliases.map(({ name }) => name)).size).toBe(state.aliases.length);
        }
      }
    }),
  );
});

test('setting an alias to where it stands changes nothing', () => {
  const target = { name: 'champion', expectedVersionId: null };
  const state = fold(born, decideSetAlias({ id, state: born }, target, 'model-version_1'));
  expect(findAlias(state as RegisteredModelState, 'champion')?.versionId).toBe('model-version_1');
  expect(decideSetAlias({ id, state: state as RegisteredModelState }, target, 'model-version_1')).toEqual([]);
});

test('a refusal names the alias, what was expected and what it resolves to', () => {
  const target = { name: 'champion', expectedVersionId: 'model-version_9' };
  expect(() => decideSetAlias({ id, state: born }, target, 'model-version_1')).toThrow(
    expect.objectContaining({
      extensions: expect.objectContaining({
        code: 'CONFLICT',
        details: { modelId: id, name: 'champion', expectedVersionId: 'model-version_9', versionId: null },
      }),
    }),
  );
});

test('production is protected, and names like it are not', () => {
  expect(['production', 'production-eu', 'champion'].map(isProtected)).toEqual([true, false, false]);
});
