import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERMISSIONS } from '../../contracts/permissions.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { SubgraphName } from '../../contracts/subgraphs.js';
import { readerFor } from '../../platform/database/scope.js';
import type { Principal } from '../../platform/identity/principal.js';
import { dataOf, newKey, startFleet, type TestFleet } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import type { TestDatabase } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const MODEL = 'a100-sxm4-80gb';
const DIGEST = `sha256:${'0'.repeat(64)}`;

let fleet: TestFleet;
let database: TestDatabase;
let projectId: string;

beforeAll(async () => {
  fleet = await startFleet();
  database = fleet.fleet.core.database as TestDatabase;
  const tenant = await createTenant(fleet, { quotas: { [MODEL]: 8 }, monthlyBudget: '100' });
  projectId = tenant.projectId;
  const { researcher } = tenant;
  const change = async <Data>(name: string, input: object) =>
    dataOf(await researcher.run<Data>(name, { input: { idempotencyKey: newKey(), ...input } }));
  dataOf(await tenant.requestInstance(MODEL, 1));
  const gpu = { modelIn: [MODEL], count: 5 };
  const job = { projectId, name: 'secret', image: 'i', command: [], gpu, maxRuntime: 'PT1H' };
  await change('SubmitJob', { request: job });
  const { registerModel } = await change<{ registerModel: { model: { id: string } } }>('RegisterModel', {
    projectId,
    name: 'secret',
  });
  const version = { modelId: registerModel.model.id, uri: 's3://m', digest: DIGEST, sizeBytes: '1' };
  type Created = { createModelVersion: { modelVersion: { id: string } } };
  const { modelVersion } = (await change<Created>('CreateModelVersion', version)).createModelVersion;
  // So large that it waits for an approval.
  const deployment = { projectId, modelVersionId: modelVersion.id, name: 'secret', image: 'i', gpu };
  await change('CreateDeployment', deployment);
  for (const [, , table] of THINGS)
    await until(`${table} has something of theirs`, async () => (await idIn(table)) !== undefined);
});
afterAll(() => fleet[Symbol.asyncDispose]());

/** A query, the subgraph that answers it, and the table of what it shows. */
const THINGS: [root: string, subgraph: SubgraphName, table: string][] = [
  ['quota', 'governance', 'governance.quota'],
  ['approval', 'governance', 'governance.approval_request'],
  ['instance', 'resources', 'resources.instance'],
  ['job', 'scheduling', 'scheduling.job'],
  ['queue', 'scheduling', 'scheduling.queue'],
  ['budget', 'billing', 'billing.budget'],
  ['model', 'models', 'models.registered_model'],
  ['modelVersion', 'models', 'models.model_version'],
  ['deployment', 'models', 'models.deployment'],
];

async function idIn(table: string): Promise<string | undefined> {
  const sql = `SELECT id FROM ${table} WHERE project_id = $1`;
  const [row] = await database.prisma.$queryRawUnsafe<{ id: string }[]>(sql, projectId);
  return row?.id;
}

/**
 * Somebody without any project whom every `visibleX` lets through all the same: asked about one project after the other
 * they hold every right, asked for a list of their projects they have none. So the first fence is gone, and only that.
 */
const letThrough: Principal = {
  id: 'user_stranger',
  kind: 'USER',
  displayName: 'stranger',
  everywhere: ['user:read', 'fleet:read'],
  projects: new Proxy(
    {},
    {
      ownKeys: () => [],
      get: () => PERMISSIONS,
      getOwnPropertyDescriptor: () => ({ value: PERMISSIONS, configurable: true, enumerable: true }),
    },
  ),
};

async function ask(root: string, subgraph: SubgraphName, id: string): Promise<unknown> {
  const { data, errors } = await fleet.fleet.core[subgraph].subgraph.execute(
    { document: `query ($id: ID!) { ${root}(id: $id) { id } }`, variables: { id } },
    {
      principal: letThrough,
      requestId: 'r',
      correlationId: 'c',
      positions: {},
      signal: AbortSignal.timeout(30_000),
    },
  );
  expect(errors).toBeUndefined();
  return data?.[root];
}

test.each(THINGS)(
  'where `visibleX` fails, the database still hides a %s of another tenant',
  async (root, subgraph, table) => {
    const id = (await idIn(table)) ?? '';
    expect(await ask(root, subgraph, id)).toBeNull();
  },
);

test.each(Object.keys(UPCASTERS) as SubgraphName[])(
  'the events of %s that are read for a caller are those of their projects',
  async (context) => {
    const { spine } = fleet.fleet.core[context];
    const seen = await spine.storeFor(readerFor(database.prisma, [])).readContext(0n, 10_000);
    const all = await spine.store.readContext(0n, 10_000);
    expect(all.some((event) => event.projectId === projectId)).toBe(true);
    expect(seen.map(({ position }) => position)).toEqual(
      all.filter((event) => event.projectId === null).map(({ position }) => position),
    );
  },
);

test('control: without the policies the same caller sees each of them', async () => {
  const tables = THINGS.map(([, , table]) => table);
  await database.asOwner(tables.map((table) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`).join('; '));
  for (const [root, subgraph, table] of THINGS) {
    const id = (await idIn(table)) ?? '';
    expect(await ask(root, subgraph, id)).toEqual({ id });
  }
});
