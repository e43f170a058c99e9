import { expect, test } from 'vitest';
import type { Transport } from '../gateway/transports/transport.js';
import { createInProcessLog } from '../platform/log/inProcessLog.js';
import { createLog } from '../platform/telemetry/log.js';
import { announced } from '../test/testkit/announced.js';
import { until } from '../test/testkit/until.js';
import { followAccess, noticingWrites } from './accessChanges.js';

const log = createLog({ name: 'test', level: 'silent' });
const eventLog = createInProcessLog({ pollMs: 5 });

/** A governance whose events are of the types in `types`, in order. */
function createGovernance() {
  const types: string[] = [];
  const governance = { types, isAway: false, reads: 0 };
  const unlessAway = <Value>(value: () => Value) => {
    governance.reads++;
    return governance.isAway ? Promise.reject(new Error('away')) : Promise.resolve(value());
  };
  const history = {
    context: 'governance',
    head: () => unlessAway(() => BigInt(types.length)),
    readContext: (after: bigint) =>
      unlessAway(() =>
        types
          .map((type, index) => ({ ...announced('governance', BigInt(index + 1)), type }))
          .slice(Number(after)),
      ),
  };
  return Object.assign(governance, { history });
}

test('a stored change of rights is told once it is read, other events are not', async () => {
  const governance = createGovernance();
  governance.types.push('RoleBound');
  let told = 0;
  await using _ = followAccess({ governance: governance.history, eventLog, onChange: () => told++, log });
  await until('it follows', () => told === 1);
  governance.types.push('QuotaSet', 'UserRegistered');
  const { reads } = governance;
  await until('they are read', () => governance.reads > reads + 2);
  expect(told).toBe(1);
  for (const type of ['RoleBound', 'RoleRevoked', 'ProjectCreated']) {
    const before = told;
    governance.types.push(type);
    await until(`${type} is told`, () => told === before + 1);
  }
});

test('a change that was stored while governance was away is told when it is back', async () => {
  const governance = createGovernance();
  governance.isAway = true;
  let told = 0;
  await using _ = followAccess({ governance: governance.history, eventLog, onChange: () => told++, log });
  await until('it has tried', () => governance.reads > 0);
  governance.types.push('RoleBound');
  governance.isAway = false;
  await until('it is told', () => told === 1);
  governance.isAway = true;
  governance.types.push('RoleRevoked');
  const { reads } = governance;
  await until('it has tried again', () => governance.reads > reads + 2);
  governance.isAway = false;
  await until('it is told again', () => told === 2);
});

test('who knows of a change waits until it is told, and nobody waits long for one that is made up', async () => {
  const governance = createGovernance();
  const unhurried = createInProcessLog({ pollMs: 60_000 });
  let told = 0;
  await using access = followAccess({
    governance: governance.history,
    eventLog: unhurried,
    onChange: () => told++,
    log,
  });
  await until('it follows', () => told === 1);
  governance.types.push('RoleBound');
  await access.catchUp('1');
  expect(told).toBe(2);
  const begun = performance.now();
  for (const position of [undefined, 'soon', '1']) await access.catchUp(position);
  expect(performance.now() - begun).toBeLessThan(500);
  await access.catchUp('99');
  expect(performance.now() - begun).toBeLessThan(3_000);
});

test('an answer that says what was written is noticed before it is handed over; others are not', async () => {
  const answers = [{ data: {} }, { data: {}, extensions: { positions: { governance: '7' } } }];
  const governance = { execute: () => Promise.resolve(answers.shift()) } as unknown as Transport;
  let noticed = 0;
  const transport = noticingWrites(governance, () => noticed++);
  const call = {} as Parameters<Transport['execute']>[1];
  await transport.execute({ document: '', variables: null }, call);
  expect(noticed).toBe(0);
  const answer = transport.execute({ document: '', variables: null }, call);
  expect(await answer.then(() => noticed)).toBe(1);
});
