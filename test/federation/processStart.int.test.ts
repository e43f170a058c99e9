import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSignedTransport } from '../../fleet/signedTransport.js';
import { createDisposables } from '../../platform/disposables.js';
import { unavailable } from '../../platform/errors.js';
import type { Positioned } from '../../platform/eventStore/event.js';
import { createRemoteHistory } from '../../platform/server/remoteHistory.js';
import { createPeer } from '../../platform/server/peer.js';
import type { ProcessConfig } from '../../platform/server/processConfig.js';
import type { Subgraph } from '../../platform/server/subgraph.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createSubgraphServer } from '../../platform/server/subgraphServer.js';
import { createLog } from '../../platform/telemetry/log.js';
import { createModels } from '../../subgraphs/models/app.js';
import { freePorts } from '../engines/freePorts.js';
import { announced } from '../testkit/announced.js';
import { newKey } from '../testkit/fleet.js';
import { person } from '../testkit/subgraphHarness.js';
import { testDatabase } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const log = createLog({ name: 'test', level: 'silent' });
const keys = [{ id: 'k1', secret: randomBytes(32) }];
const projectId = 'project_1';
const created: Positioned = {
  ...announced('governance', 1n),
  type: 'ProjectCreated',
  data: { id: projectId, key: 'vision', name: 'Vision', parentId: null },
};
const REGISTER = 'mutation ($input: RegisterModelInput!) { registerModel(input: $input) { model { name } } }';

/** Another context that has stored no more than this. After its first answer it is away for so many. */
function createPeerServer(context: string, stored: readonly Positioned[], awayFor = 0) {
  let asked = 0;
  const history = {
    context,
    head: () => {
      asked++;
      return asked > 1 && asked <= 1 + awayFor
        ? Promise.reject(unavailable(context))
        : Promise.resolve(BigInt(stored.length));
    },
    readContext: (after: bigint) => Promise.resolve(stored.filter(({ position }) => position > after)),
  };
  return createSubgraphServer({
    subgraph: { name: context } as Subgraph,
    history,
    keys,
    log,
    drain: { spreadMs: 0, idleMs: 0, limitMs: 1_000 },
  });
}

const contexts = ['governance', 'resources', 'scheduling'] as const;

/** Models as a process, whose peers are to listen on these ports. */
function startModels(ports: readonly number[]) {
  const config: ProcessConfig = {
    context: 'models',
    host: '127.0.0.1',
    port: 0,
    database: { url: 'pglite:' },
    keys,
    peers: Object.fromEntries(contexts.map((name, index) => [name, `http://127.0.0.1:${ports[index]}`])),
    kafka: null,
    pollMs: 20,
    logLevel: 'silent',
  };
  return startSubgraphProcess(
    config,
    (deps) => createModels({ ...deps, resources: { planDeployment: () => Promise.reject(new Error()) } }),
    log,
    testDatabase,
  );
}

test('a process listens before those that it reads are there, is ready after, and sees what they have stored', async () => {
  const ports = await freePorts(contexts.length);
  await using models = await startModels(ports);
  const isReady = async () => (await fetch(`${models.url}/readyz`)).ok;
  expect(await isReady()).toBe(false);

  await using transport = createSignedTransport({ name: 'models', url: models.url, keys });
  const register = (positions: Record<string, string> = {}) =>
    transport.execute(
      {
        document: REGISTER,
        variables: JSON.stringify({ input: { idempotencyKey: newKey(), projectId, name: 'llama' } }),
      },
      {
        principal: person([], { [projectId]: ['contents:read', 'model:write'] }),
        requestId: 'r1',
        correlationId: 'c1',
        positions,
        signal: AbortSignal.timeout(10_000),
      },
    );
  expect((await register()).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);

  await using peers = createDisposables();
  for (const [index, name] of contexts.entries()) {
    const server = peers.use(createPeerServer(name, name === 'governance' ? [created] : []));
    await server.listen(ports[index] ?? 0);
  }
  await models.ready;
  await until('it is ready', isReady);
  expect(await register({ governance: '1' })).toMatchObject({
    data: { registerModel: { model: { name: 'llama' } } },
    extensions: { positions: { models: '1' } },
  });

  const history = createRemoteHistory(
    createPeer({ name: 'models', url: models.url, caller: 'test', keys, log }),
  );
  expect(await history.readContext(0n, 10)).toMatchObject([
    { type: 'ModelRegistered', position: 1n, projectId },
  ]);
});

test('a process whose peer has answered and is away again starts all the same', async () => {
  const ports = await freePorts(contexts.length);
  await using peers = createDisposables();
  for (const [index, name] of contexts.entries()) {
    const server = peers.use(createPeerServer(name, [], name === 'governance' ? 3 : 0));
    await server.listen(ports[index] ?? 0);
  }
  await using models = await startModels(ports);
  await models.ready;
  await until('it is ready', async () => (await fetch(`${models.url}/readyz`)).ok);
});
