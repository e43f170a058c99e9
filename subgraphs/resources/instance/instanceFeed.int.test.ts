import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import {
  comeUp,
  command,
  goAway,
  people,
  requested,
  type ResourcesHarness,
  startResources,
} from '../resources.fixture.js';

const EVENTS = `subscription ($id: ID, $projectId: ID, $after: Cursor) { instanceEvents(id: $id, projectId: $projectId, after: $after) {
  cursor type at instance { id state allocations { to } provisioningSteps { name state } } } }`;

type Item = {
  cursor: string;
  type: string;
  instance: { id: string; state: string; allocations: { to: string | null }[] };
};

function open(harness: ResourcesHarness, who: Principal, variables: Record<string, unknown>) {
  const stop = new AbortController();
  const id = randomUUID();
  const call = { principal: who, requestId: id, correlationId: id, positions: {}, signal: stop.signal };
  const answers = harness.app.subgraph.subscribe({ document: EVENTS, variables }, call);
  return {
    raw: answers,
    /** The next items, in order. */
    async take(count: number): Promise<Item[]> {
      const items: Item[] = [];
      while (items.length < count) {
        const { value, done } = await answers.next();
        if (done) throw new Error('The feed ended');
        if (value.errors) throw new Error(JSON.stringify(value.errors));
        items.push(value.data?.['instanceEvents'] as Item);
      }
      return items;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await answers.return?.();
    },
  };
}

test('a feed begins with how things stand, tells every change, and goes on behind any of its items', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const { id } = (await requested(researcher)).instance;
  await using feed = open(harness, people.researcher, { id });
  const [snapshot] = await feed.take(1);
  expect(snapshot).toMatchObject({ type: 'SNAPSHOT', instance: { state: 'PROVISIONING' } });
  await comeUp(harness, id);
  await command(researcher, 'stopInstance', id);
  await goAway(harness, id);
  const items = await feed.take(5);
  expect(items.map(({ type, instance }) => `${type} ${instance.state}`)).toEqual([
    'InstancePodCreated CONFIGURING',
    'InstanceStepFinished CONFIGURING',
    'InstanceRunning RUNNING',
    'InstanceStopRequested STOPPING',
    'InstanceStopped STOPPED',
  ]);
  // What is joined is current: the devices are free by then, whatever was read for the items before.
  expect(items.at(-1)?.instance.allocations.every(({ to }) => to !== null)).toBe(true);

  for (const [place, { cursor }] of items.slice(0, -1).entries()) {
    await using resumed = open(harness, people.researcher, { id, after: cursor });
    const rest = items.slice(place + 1);
    expect((await resumed.take(rest.length)).map((item) => item.cursor)).toEqual(
      rest.map((item) => item.cursor),
    );
  }
});

test('the feed of a project tells of each of its instances', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const first = (await requested(researcher)).instance.id;
  await using feed = open(harness, people.colleague, { projectId: 'vision' });
  const coming = feed.take(3);
  const second = (await requested(researcher)).instance.id;
  // The feed is open from the moment that it was asked for its first item; the instance before it is not told.
  expect((await coming).map(({ type, instance }) => `${type} ${instance.id}`)).toEqual(
    ['InstanceRequested', 'InstanceAdmitted', 'InstanceAllocated'].map((type) => `${type} ${second}`),
  );
  expect(first).not.toBe(second);
});

test('who may not see an instance is told that there is none, and a strange cursor is refused', async () => {
  await using harness = await startResources();
  const { id } = (await requested(harness.as(people.researcher))).instance;
  const refusal = async (who: Principal, variables: Record<string, unknown>) => {
    await using feed = open(harness, who, variables);
    const { value } = await feed.raw.next();
    return (value as { errors?: { extensions?: Record<string, unknown> }[] }).errors?.[0]?.extensions;
  };
  for (const who of [people.stranger, people.operator, people.auditor]) {
    expect(await refusal(who, { id })).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'Instance', id },
    });
    expect(await refusal(who, { projectId: 'vision' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'Project' },
    });
  }
  expect(await refusal(people.researcher, { id, after: 'bm9uZQ' })).toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(await refusal(people.researcher, {})).toMatchObject({ code: 'BAD_USER_INPUT' });
});
