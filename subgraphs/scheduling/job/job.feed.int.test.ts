import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import {
  cancelJob,
  createTenant,
  H100,
  reaches,
  type SchedulingHarness,
  startScheduling,
  submitted,
  tellWorkload,
} from '../scheduling.fixture.js';
import { admitted, cleared, ended, runs } from './job.fixture.js';

const ITEM = 'cursor type at job { id phase queuePosition attempts { number } }';
const STATUS = `subscription ($id: ID!, $after: Cursor) { feed: jobStatus(id: $id, after: $after) { ${ITEM} } }`;
const EVENTS = `subscription ($projectId: ID!, $after: Cursor) { feed: jobEvents(projectId: $projectId, after: $after) { ${ITEM} } }`;

type Item = { cursor: string; type: string; job: { id: string; phase: string } };

function open(harness: SchedulingHarness, principal: Principal, document: string, variables: object) {
  const stop = new AbortController();
  const id = randomUUID();
  const call = { principal, requestId: id, correlationId: id, positions: {}, signal: stop.signal };
  const request = { document, variables: variables as Record<string, unknown> };
  const answers = harness.app.subgraph.subscribe(request, call);
  return {
    raw: answers,
    /** The next items, in order. */
    async take(count: number): Promise<Item[]> {
      const items: Item[] = [];
      while (items.length < count) {
        const { value, done } = await answers.next();
        if (done) throw new Error('The feed ended');
        if (value.errors) throw new Error(JSON.stringify(value.errors));
        items.push(value.data?.['feed'] as Item);
      }
      return items;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await answers.return?.();
    },
  };
}

const told = (items: readonly Item[]) => items.map(({ type, job }) => `${type} ${job.phase}`);

test('the feed of a job begins with how it stands, tells its whole life, and goes on behind any of its items', async () => {
  await using harness = await startScheduling();
  const { researcher, people, requestOf } = await createTenant(harness, { [H100]: 8 });
  const { id } = (await submitted(researcher, requestOf())).job;
  await reaches(harness, id, 'RESERVED');
  await using feed = open(harness, people.colleague, STATUS, { id });
  expect(told(await feed.take(1))).toEqual(['SNAPSHOT RESERVED']);
  for (const event of [admitted(1), runs(new Date()), ended('COMPLETED', { exitCode: 0 }), cleared])
    await tellWorkload(harness, id, 1, event);
  const items = await feed.take(5);
  expect(told(items)).toEqual([
    'JobStarting STARTING',
    'JobRunning RUNNING',
    'JobCompleting COMPLETING',
    'JobAttemptEnded COMPLETING',
    'JobSucceeded SUCCEEDED',
  ]);
  for (const [place, { cursor }] of items.slice(0, -1).entries()) {
    await using resumed = open(harness, people.researcher, STATUS, { id, after: cursor });
    const rest = items.slice(place + 1);
    expect(await resumed.take(rest.length)).toEqual(rest);
  }
});

test('the feed of a project tells of each of its jobs, and of no other', async () => {
  await using harness = await startScheduling();
  const [own, other] = [
    await createTenant(harness, { [H100]: 8 }),
    await createTenant(harness, { [H100]: 8 }),
  ];
  harness.billing.setBudget(own.projectId, '0');
  const first = (await submitted(own.researcher, own.requestOf())).job.id;
  await using status = open(harness, own.people.researcher, STATUS, { id: first });
  const [{ cursor: after } = { cursor: '' }] = await status.take(1);
  await submitted(other.researcher, other.requestOf());
  const second = (await submitted(own.researcher, own.requestOf())).job.id;
  await cancelJob(own.researcher, first);
  // A cursor is a place in everything that happens to jobs: where one feed ended another may begin.
  await using feed = open(harness, own.people.colleague, EVENTS, { projectId: own.projectId, after });
  const items = await feed.take(3);
  expect(items.map(({ type, job }) => `${type} ${job.id}`)).toEqual([
    `JobSubmitted ${second}`,
    `JobQueued ${second}`,
    `JobCancelled ${first}`,
  ]);
});

test('who may not see a job is told that there is none, and a strange cursor is refused', async () => {
  await using harness = await startScheduling();
  const { projectId, people, researcher, requestOf } = await createTenant(harness, { [H100]: 8 });
  const { id } = (await submitted(researcher, requestOf())).job;
  const refusal = async (who: Principal, document: string, variables: object) => {
    await using feed = open(harness, who, document, variables);
    const { value } = await feed.raw.next();
    return (value as { errors?: { extensions?: Record<string, unknown> }[] }).errors?.[0]?.extensions;
  };
  for (const who of [people.stranger, people.operator, people.auditor]) {
    expect(await refusal(who, STATUS, { id })).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'Job', id },
    });
    expect(await refusal(who, EVENTS, { projectId })).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'Project' },
    });
  }
  expect(await refusal(people.researcher, STATUS, { id, after: 'bm9uZQ' })).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  expect(await refusal(people.researcher, EVENTS, { projectId, after: 'bm9uZQ' })).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});
