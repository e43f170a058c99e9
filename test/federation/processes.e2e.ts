import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { GovernanceCalls } from '../../contracts/calls.js';
import { SUBGRAPH_NAMES } from '../../contracts/subgraphs.js';
import { demoUsers } from '../../embedded/issuer/demoUsers.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { createDevelopmentIssuer } from '../../embedded/issuer/issuer.js';
import { createSignedTransport } from '../../fleet/signedTransport.js';
import type { CallContext } from '../../gateway/transports/transport.js';
import { migrationsFolder } from '../../platform/database/database.js';
import { openPglite } from '../../platform/database/pglite.js';
import type { Principal } from '../../platform/identity/principal.js';
import { createPeer } from '../../platform/server/peer.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { createRemoteHistory } from '../../platform/server/remoteHistory.js';
import { variables } from '../../platform/server/processConfig.js';
import { createLog } from '../../platform/telemetry/log.js';
import { signingKeys, startChild, type StartedProcess } from '../testkit/childProcess.js';
import { newKey } from '../testkit/fleet.js';
import { operation } from '../testkit/operations.js';
import { migratedTemplate } from '../testkit/pgliteTemplate.js';
import { until } from '../testkit/until.js';

const log = createLog({ name: 'test', level: 'silent' });

/** Nobody listens there. */
const elsewhere = Object.fromEntries(
  SUBGRAPH_NAMES.map((name) => [`${name.toUpperCase()}_URL`, 'http://127.0.0.1:9']),
);

const startGovernance = async (FLEETGRAPH_SIGNING_KEYS: string) =>
  startChild('subgraphs/governance/main', {
    ...elsewhere,
    FLEETGRAPH_SIGNING_KEYS,
    DATABASE_URL: `pglite:${await migratedFolder()}`,
    FLEETGRAPH_ORGANISATION: 'acme',
    FLEETGRAPH_ADMINISTRATOR: 'org-admin',
    METRICS_PORT: '0',
  });

/** An empty database's folder, which starts quicker than one that is made anew. */
async function migratedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  const database = await openPglite(folder, migrationsFolder, await migratedTemplate());
  await database[Symbol.asyncDispose]();
  return folder;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-processes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const callAs = (principal: Principal): CallContext => ({
  principal,
  requestId: 'request_1',
  correlationId: 'correlation_1',
  positions: {},
  signal: AbortSignal.timeout(30_000),
});

/** The address that a process has named in a line of its log. */
const addressIn = ({ lines }: StartedProcess, message: string): string =>
  lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { msg: string; url?: string })
    .find(({ msg }) => msg === message)?.url ?? '';

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: await response.json() };
};

test('governance runs alone: signed calls, its history, its readiness, and an end that is asked for', async () => {
  const keyList = signingKeys();
  const keys = variables.signingKeys.parse(keyList);
  await using governance = await startGovernance(keyList);
  const peer = createPeer({ name: 'governance', url: governance.url, caller: 'test', keys, log });
  const calls = createRemoteCalls<GovernanceCalls>(peer, { resolvePrincipal: true });
  const administrator = await calls.resolvePrincipal({
    issuer: 'i',
    subject: 's',
    username: 'org-admin',
    name: 'Olga Admin',
    email: null,
  });
  expect(administrator.everywhere).toContain('project:create');

  await using transport = createSignedTransport({ name: 'governance', url: governance.url, keys });
  const input = { idempotencyKey: newKey(), key: 'vision', name: 'Vision' };
  const created = await transport.execute(
    {
      document:
        'mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id key } } }',
      variables: JSON.stringify({ input }),
    },
    callAs(administrator),
  );
  expect(created).toMatchObject({ data: { createProject: { project: { key: 'vision' } } } });

  const history = createRemoteHistory(peer);
  const events = await history.readContext(0n, 1_000);
  expect(events.at(-1)).toMatchObject({ type: 'ProjectCreated', actor: { id: administrator.id } });
  expect(created.extensions?.positions).toEqual({ governance: String(events.at(-1)?.position) });
  expect(await history.head()).toBe(events.at(-1)?.position);

  const metrics = await fetch(addressIn(governance, 'metrics'));
  expect(await metrics.text()).toContain(
    'fleetgraph_events_appended_total{context="governance",type="ProjectCreated"} 1',
  );
  expect((await fetch(`${governance.url}/metrics`)).status).toBe(404);

  const unsigned = await fetch(`${governance.url}/graphql`, {
    method: 'POST',
    body: '{"query":"{ me { id } }"}',
  });
  expect(unsigned.status).toBe(401);
  expect(await readiness(governance.url)).toMatchObject({ status: 503, body: { ready: false } });
  expect(await governance.stop()).toBe(0);
});

test('a process says at once everything that is wrong with its environment, and no secret', async () => {
  const start = startChild('subgraphs/resources/main', {
    FLEETGRAPH_SIGNING_KEYS: 'k1:c2VjcmV0',
    BILLING_URL: 'billing',
    LOG_LEVEL: 'loud',
  });
  const { message } = await start.then(
    () => expect.fail('it started'),
    (error: unknown) => error as Error,
  );
  for (const name of [
    'ended with 1',
    'FLEETGRAPH_SIGNING_KEYS',
    'BILLING_URL',
    'LOG_LEVEL',
    'RESOURCES_DATABASE_URL',
  ])
    expect(message).toContain(name);
  expect(message).not.toContain('c2VjcmV0');
});

const startIssuer = async () =>
  createDevelopmentIssuer({ port: 0, dataDir: await temporaryFolder(), users: demoUsers });

type Answer = {
  data: {
    me?: { id: string };
    project?: object | null;
    createProject?: { project: { id: string } };
  } | null;
  errors?: { path?: (string | number)[]; extensions: { code: string } }[];
};

test('the gateway runs alone: people by their tokens, rights from governance, gone parts as holes', async () => {
  const keyList = signingKeys();
  await using issuer = await startIssuer();
  await using governance = await startGovernance(keyList);
  await using gateway = await startChild('fleet/gatewayMain', {
    ...elsewhere,
    GOVERNANCE_URL: governance.url,
    FLEETGRAPH_SIGNING_KEYS: keyList,
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: issuer.trust.audience,
  });
  const as = async (username: string) => {
    const authorization = `Bearer ${await developmentToken(issuer.issuer, username)}`;
    return async (query: string, input?: object): Promise<Answer> => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { input } }),
      });
      return (await response.json()) as Answer;
    };
  };
  const administrator = await as('org-admin');
  const researcher = await as('vision-researcher');
  expect(await readiness(gateway.url)).toEqual({ status: 200, body: { ready: true } });

  const created = await administrator(operation('CreateProject'), {
    idempotencyKey: newKey(),
    key: 'vision',
    name: 'Vision',
  });
  const projectId = created.data?.createProject?.project.id;
  const query = `{ project(id: "${projectId}") { key budgets { id } } }`;
  const seen = await administrator(query);
  expect(seen.data).toEqual({ project: { key: 'vision', budgets: null } });
  expect(seen.errors).toMatchObject([{ path: ['project', 'budgets'], extensions: { code: 'UNAVAILABLE' } }]);
  expect((await researcher(query)).data).toEqual({ project: null });

  const { data } = await researcher('{ me { id } }');
  const subject = { userId: data?.me?.id };
  const bound = await administrator(operation('BindRole'), {
    idempotencyKey: newKey(),
    subject,
    role: 'Researcher',
    projectId,
  });
  expect(bound.errors).toBeUndefined();
  const keepMs = 4_000;
  await until(
    'the right is known, sooner than the gateway forgets by itself',
    async () => {
      const { data: now } = await researcher(query);
      return now?.project !== null;
    },
    keepMs,
  );

  expect(await gateway.stop()).toBe(0);
});
