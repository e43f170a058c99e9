import { expect, test } from 'vitest';
import type { ModelVersionEvent } from '../../../contracts/models.events.js';
import {
  checkMayServe,
  checkReady,
  decideArchive,
  decideCreateVersion,
  decideDeprecate,
  decideQuarantine,
  decideRelease,
  evolveModelVersion,
  type ModelVersionFacts,
  type ModelVersionState,
} from './modelVersion.js';
import { ModelVersionStatus, TRANSITIONS } from './modelVersion.transitions.js';

const id = 'model-version_1';
const facts: ModelVersionFacts = {
  projectId: 'project_1',
  modelId: 'model_1',
  number: 1,
  uri: 's3://models/1',
  digest: `sha256:${'0'.repeat(64)}`,
  sizeBytes: '9007199254740993',
  parameters: null,
  precision: null,
  producedByJobId: null,
  datasets: [],
  licence: null,
  architecture: null,
};
const unused = { aliases: [], deploymentIds: [] };

const after = (before: ModelVersionState | null, events: readonly ModelVersionEvent[]) =>
  events.reduce(
    (state, event) => evolveModelVersion(state, { ...event, occurredAt: '2026-11-21T10:00:00.000Z' }),
    before,
  ) as ModelVersionState;

const ready = after(null, decideCreateVersion(id, facts));
const quarantined = after(ready, decideQuarantine({ id, state: ready }, 'It leaks.', unused));
const deprecated = after(ready, decideDeprecate({ id, state: ready }, null));
const archived = after(deprecated, decideArchive({ id, state: deprecated }, unused));

const withCode = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

test('a version is ready from the first, and what it is never changes', () => {
  expect(ready).toMatchObject({ ...facts, status: 'READY' });
  for (const state of [quarantined, deprecated, archived]) expect(state).toMatchObject(facts);
});

test('a quarantine keeps everything from using a version, until it is released', () => {
  expect(quarantined).toMatchObject({ status: 'QUARANTINED', reason: 'It leaks.' });
  expect(() => checkReady({ id, state: quarantined })).toThrow(withCode('ILLEGAL_TRANSITION'));
  expect(() => checkMayServe({ id, state: quarantined })).toThrow(withCode('ILLEGAL_TRANSITION'));
  const released = after(quarantined, decideRelease({ id, state: quarantined }));
  expect(released).toMatchObject({ status: 'READY', reason: null });
  expect(() => decideRelease({ id, state: released })).toThrow(withCode('ILLEGAL_TRANSITION'));
});

test('what is deprecated goes on serving and gets nothing new', () => {
  expect(() => checkMayServe({ id, state: deprecated })).not.toThrow();
  expect(() => checkReady({ id, state: deprecated })).toThrow(withCode('ILLEGAL_TRANSITION'));
});

test('a version that is aliased or served is neither quarantined nor archived', () => {
  for (const use of [
    { aliases: ['champion'], deploymentIds: [] },
    { aliases: [], deploymentIds: ['deployment_1'] },
  ]) {
    expect(() => decideQuarantine({ id, state: ready }, 'no', use)).toThrow(withCode('VERSION_IN_USE'));
    expect(() => decideArchive({ id, state: deprecated }, use)).toThrow(withCode('VERSION_IN_USE'));
  }
});

test('every status is reached, and what is archived stays so', () => {
  const reached = new Set(['READY', ...Object.values(TRANSITIONS).flatMap((row) => Object.values(row))]);
  expect([...reached].sort()).toEqual(Object.values(ModelVersionStatus).sort());
  expect(() => decideRelease({ id, state: archived })).toThrow(withCode('ILLEGAL_TRANSITION'));
  expect(() => decideDeprecate({ id, state: archived }, null)).toThrow(withCode('ILLEGAL_TRANSITION'));
});
