import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { until } from '../../test/testkit/until.js';
import { startPlanner } from './startPlanner.js';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@interfaceObject"])';

/** A shape that composes and for which the planner knows a document that it does not survive. */
const fragile = compose({
  a: `${LINK}
    type Query { jobs: [Job] any: [Any] }
    union Any = Job | Flow
    interface Billable @key(fields: "id") { id: ID! }
    type Job implements Billable @key(fields: "id") { id: ID! name: String }
    type Flow implements Billable @key(fields: "id") { id: ID! }`,
  b: `${LINK}
    type Query { top: Billable }
    type Billable @key(fields: "id") @interfaceObject { id: ID! cost: Int }
    type Job @key(fields: "id") { id: ID! extra: Int }`,
});
const KILLER = '{ top { ... on Any { ... on Billable { id id: id ... on Job { name } } } } }';

function compose(sdls: Record<string, string>): string {
  const composed = composeServices(
    Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })),
  );
  if (composed.errors) throw new Error(composed.errors.join('\n'));
  return composed.supergraphSdl;
}

const withCode = (code: string) => ({ extensions: expect.objectContaining({ code }) as unknown });

/** The processes of this test's planners. */
async function plannerPids(): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('plannerProcess'))
    .map((line) => Number.parseInt(line, 10));
}

test('a document that kills the planner is refused, and those around it are planned', async () => {
  await using planner = await startPlanner(fragile);
  const before = planner.plan('{ jobs { name } }', null);
  const killer = planner.plan(KILLER, null);
  const behind = [planner.plan('{ jobs { id extra } }', null), planner.plan('{ top { cost } }', null)];
  await expect(killer).rejects.toMatchObject(withCode('PLANNING_FAILED'));
  for (const plan of await Promise.all([before, ...behind])) expect(plan.node).toBeDefined();
});

test('a document that killed the planner does not reach it again', async () => {
  await using planner = await startPlanner(fragile);
  await expect(planner.plan(KILLER, null)).rejects.toMatchObject(withCode('PLANNING_FAILED'));
  await until('the next planner runs', async () => (await plannerPids()).length === 1);
  const [pid] = await plannerPids();
  await expect(planner.plan(KILLER, null)).rejects.toMatchObject(withCode('PLANNING_FAILED'));
  await planner.plan('{ jobs { name } }', null);
  expect(await plannerPids()).toEqual([pid]);
});

test('a planner that is killed from outside is replaced, and nobody is refused', async () => {
  await using planner = await startPlanner(fragile);
  const [pid] = await plannerPids();
  process.kill(pid ?? 0, 'SIGKILL');
  const plans = await Promise.all([
    planner.plan('{ jobs { name } }', null),
    planner.plan('{ top { id } }', null),
  ]);
  expect(plans.map(({ kind }) => kind)).toEqual(['QueryPlan', 'QueryPlan']);
  expect(await plannerPids()).not.toContain(pid);
});

test('more documents than may wait are refused for now', async () => {
  await using planner = await startPlanner(fragile, { waitingMax: 1 });
  const [planning, waiting, refused] = ['{ jobs { id } }', '{ jobs { name } }', '{ top { id } }'].map(
    (document) => planner.plan(document, null),
  );
  await expect(refused).rejects.toMatchObject({ extensions: { code: 'PLANNING_FAILED', retryable: true } });
  expect((await planning)?.node).toBeDefined();
  expect((await waiting)?.node).toBeDefined();
});

test('a document that the planner cannot plan is refused without a word of why', async () => {
  await using planner = await startPlanner(fragile);
  await expect(planner.plan('{ nothing { like } this }', null)).rejects.toMatchObject({
    message: 'This operation could not be planned',
    extensions: { code: 'PLANNING_FAILED', retryable: false },
  });
});

test('a supergraph that the planner does not understand is refused', async () => {
  await expect(startPlanner('type Query { broken: ')).rejects.toThrow();
  await until('no planner is left', async () => (await plannerPids()).length === 0);
});

test('closing ends the process and refuses what waits', async () => {
  const planner = await startPlanner(fragile);
  const planning = planner.plan('{ jobs { id } }', null);
  const waiting = planner.plan('{ jobs { name } }', null);
  const outcomes = Promise.allSettled([planning, waiting]);
  await planner[Symbol.asyncDispose]();
  for (const { status } of await outcomes) expect(status).toBe('rejected');
  await until('no planner is left', async () => (await plannerPids()).length === 0);
});
