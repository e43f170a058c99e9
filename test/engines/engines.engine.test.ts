import { expect, test } from 'vitest';
import pg from 'pg';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { namespaces } from '../../platform/kubernetes/kinds.js';
import { startKubernetes } from './kubernetes.js';
import { startPostgres } from './postgres.js';

test('PostgreSQL is 15 or later, survives a crash, and gives every caller a database of its own', async () => {
  await using postgres = await startPostgres();
  const url = await postgres.createDatabase('other');
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
  await postgres.stop('SIGKILL');
  await postgres.start();
  expect(await query(url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  const [version] = await query(postgres.url, 'SHOW server_version_num');
  expect(Number(version?.server_version_num)).toBeGreaterThanOrEqual(150_000);
});

test('the control plane answers, and keeps its objects while its API server restarts', async () => {
  await using kubernetes = await startKubernetes();
  await using cluster = connectCluster({ kubeconfig: kubernetes.kubeconfig, fieldManager: 'fleetgraph' });
  await cluster.apply(namespaces, { metadata: { name: 'kept' } });
  await kubernetes.stopApiServer('SIGKILL');
  await kubernetes.startApiServer();
  expect(await cluster.get(namespaces, { name: 'kept' })).toMatchObject({ status: { phase: 'Active' } });
});

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
