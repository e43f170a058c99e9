import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSignedTransport } from '../../fleet/signedTransport.js';
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
const REGISTER = 'mutation ($input: RegisterModelInput!) { registerModel(input: $input) { model { name } } }';

/** A governance that has stored one thing: a project. */
function createGovernance() {
  const created = {
    ...announced('governance', 1n),
    type: 'ProjectCreated',
    data: { id: projectId, key: 'vision', name: 'Vision', parentId: null },
  };
  const history = {
    context: 'governance',
    head: () => Promise.resolve(1n),
    readContext: (after: bigint) => Promise.resolve(after < 1n ? [created] : []),
  };
  const subgraph = { name: 'governance' } as Subgraph;
  return createSubgraphServer({
    subgraph,
    history,
    keys,
    log,
    drain: { spreadMs: 0, idleMs: 0, limitMs: 1_000 },
  });
}

test('a process listens before those that it reads are there, is ready after, and sees what they have stored', async () => {
  const [port = 0] = await freePorts(1);
  const config: ProcessConfig = {
    context: 'models',
    host: '127.0.0.1',
    port: 0,
    database: { url: 'pglite:' },
    keys,
    peers: { governance: `http://127.0.0.1:${port}` },
    pollMs: 20,
    logLevel: 'silent',
  };
  await using models = await startSubgraphProcess(config, createModels, log, testDatabase);
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

  await using governance = createGovernance();
  await governance.listen(port);
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
