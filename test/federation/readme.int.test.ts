import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { demoUsers } from '../../embedded/issuer/demoUsers.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { projectRoot } from '../../platform/compiled.js';
import { type Client, dataOf, startFleet, type TestFleet } from '../testkit/fleet.js';
import { until } from '../testkit/until.js';

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');

const readme = read('README.md');

/** A code block with the text between it and the block before. */
type Block = { language: string; code: string; before: string };

const blocks: readonly Block[] = [...readme.matchAll(/([\s\S]*?)^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, before = '', language = '', code = '']) => ({ language, code, before }),
);

const usernames = demoUsers.map(({ username }) => username);

/** Whom the text says to be for the block. */
const userNamedIn = (text: string) =>
  [...text.matchAll(/As `([a-z-]+)`/g)]
    .map(([, name = '']) => name)
    .findLast((name) => usernames.includes(name));

/** What the last paragraph before a block says that it is refused with. */
const refusalNamedIn = (text: string) =>
  / is `([A-Z]+_[A-Z_]+|FORBIDDEN)`/.exec(text.trim().split('\n\n').at(-1) ?? '')?.[1];

/** For whoever takes the tour on a busy machine: a job of 20 seconds is part of it. */
const TOUR_MS = 150_000;
const WATCH_MS = 60_000;

/** The states in which the next command may come; other things have none that a command waits for. */
const SETTLED = ['AWAITING_APPROVAL', 'RUNNING', 'STOPPED', 'TERMINATED', 'FAILED'];

const STATE = 'query ($instance: ID!) { instance(id: $instance) { state } }';

async function untilSettled(client: Client, instance: string): Promise<string> {
  let state = '';
  await until('the instance has settled', async () => {
    const answer = await client.send<{ instance: { state: string } }>(STATE, { instance });
    ({ state } = dataOf(answer).instance);
    return SETTLED.includes(state);
  });
  return state;
}

/** What a reader waits for in each subscription before they go on. */
const AWAITED: Readonly<Record<string, (item: never) => boolean>> = {
  instanceEvents: ({ instance }: { instance: { state: string } }) => instance.state === 'RUNNING',
  gpuMetrics: (samples: { utilization: number | null }[]) =>
    samples.some(({ utilization }) => (utilization ?? 0) > 0),
  jobLogs: (lines: { line: string }[]) => lines.some(({ line }) => line.includes('step')),
  costTicker: ({ accrued }: { accrued: { amount: string } }) => Number(accrued.amount) > 0,
  jobStatus: ({ job }: { job: { phase: string } }) => job.phase === 'SUCCEEDED',
  deploymentStatus: ({ deployment }: { deployment: { status: string } }) => deployment.status === 'AVAILABLE',
};

async function watch(fleet: TestFleet, user: string, query: string, variables: Record<string, unknown>) {
  const token = await developmentToken(fleet.fleet.issuer, user);
  const sockets = createClient({
    url: `${fleet.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const tooLong = setTimeout(() => void sockets.dispose(), WATCH_MS);
  try {
    for await (const { data, errors } of sockets.iterate<Record<string, never>>({ query, variables })) {
      expect(errors, query).toBeUndefined();
      for (const [field, item] of Object.entries(data ?? {})) if (AWAITED[field]?.(item)) return;
    }
  } finally {
    clearTimeout(tooLong);
  }
  throw new Error(`This did not show what it was to show within ${WATCH_MS} ms: ${query}`);
}

type Id = { id: string };
type Answer = {
  me?: { projects: { edges: { node: Id & { key: string } }[] } };
  requestInstance?: { instance: Id; approval?: Id };
  submitJob?: { job: Id };
  registerModel?: { model: Id };
  createModelVersion?: { modelVersion: Id };
  createDeployment?: { deployment: Id };
};

/** The ids that a reader would copy from an answer, by the name that the README gives them. */
function idsIn(answer: Answer): Record<string, string | undefined> {
  const { me, requestInstance: requested } = answer;
  return {
    project: me?.projects.edges.find(({ node }) => node.key === 'vision')?.node.id,
    [requested?.approval ? 'larger' : 'instance']: requested?.instance.id,
    approval: requested?.approval?.id,
    job: answer.submitJob?.job.id,
    model: answer.registerModel?.model.id,
    version: answer.createModelVersion?.modelVersion.id,
    deployment: answer.createDeployment?.deployment.id,
  };
}

test(
  'what the README says to paste runs in its order, as the user it names, and is refused where it says so',
  async () => {
    await using fleet = await startFleet();
    const owner = await fleet.as('vision-researcher');
    const variables: Record<string, string> = {};
    const refusals: string[] = [];
    let user = '';
    for (const { language, code, before } of blocks) {
      user = userNamedIn(before) ?? user;
      if (language !== 'graphql') continue;
      const operation = getOperationAST(parse(code));
      if (operation?.operation === 'subscription') {
        await watch(fleet, user, code, variables);
        continue;
      }
      for (const name of ['instance', 'larger'])
        if (variables[name] && code.includes(`$${name}:`)) await untilSettled(owner, variables[name]);
      const { data, errors } = await (await fleet.as(user)).follow(owner).send<Answer>(code, variables);
      const refusal = refusalNamedIn(before);
      expect(
        errors?.map(({ extensions }) => extensions.code),
        code,
      ).toEqual(refusal && [refusal]);
      if (refusal) {
        refusals.push(refusal);
        continue;
      }
      for (const [field, value] of Object.entries(data ?? {})) expect(value, field).not.toBeNull();
      for (const [name, id] of Object.entries(idsIn(data ?? {}))) if (id) variables[name] = id;
    }
    expect(await untilSettled(owner, variables['instance'] ?? '')).toBe('TERMINATED');
    expect(refusals).toEqual([
      'QUOTA_EXCEEDED',
      'IDEMPOTENCY_KEY_REUSED',
      'ILLEGAL_TRANSITION',
      'NOT_FOUND',
      'FORBIDDEN',
    ]);
  },
  TOUR_MS,
);

test('every npm command of the README names a script', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/npm (?:run (?:--silent )?)?([a-z][a-z:]*)/g)].map(
    ([, name = '']) => name,
  );
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
  for (const { language, code } of blocks)
    if (language === 'sh') expect(code, code).toMatch(/npm (start|test|run )/);
});

test('every variable, file and user that the README names is there', () => {
  const example = read('.env.example');
  const variables = [...readme.matchAll(/\b([A-Z]+(?:_[A-Z]+)+)=/g)].map(([, name = '']) => name);
  expect(variables.filter((name) => !example.includes(`${name}=`))).toEqual([]);
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  expect(usernames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});
