import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import { encodeCursor } from '../../../platform/feed/cursor.js';
import { until } from '../../../test/testkit/until.js';
import {
  bound,
  callAs,
  createProject,
  happen,
  principalOf,
  type Started,
  startGovernance,
  trailIsWhole,
} from '../governance.fixture.js';

const STREAM = `subscription ($filter: AuditFilter, $after: Cursor) { auditStream(filter: $filter, after: $after) {
  cursor event { id sequence type subject { id } actor { displayName } } } }`;

type Item = {
  cursor: string;
  event: { id: string; sequence: string; type: string; subject: { id: string } };
};

function open({ governance }: Started, principal: Principal, variables: Record<string, unknown> = {}) {
  const stop = new AbortController();
  const id = randomUUID();
  const call = { principal, requestId: id, correlationId: id, positions: {}, signal: stop.signal };
  const answers = governance.subgraph.subscribe({ document: STREAM, variables }, call);
  return {
    answers,
    async take(count: number): Promise<Item[]> {
      const items: Item[] = [];
      while (items.length < count) {
        const { value, done } = await answers.next();
        if (done) throw new Error('The stream ended');
        if (value.errors) throw new Error(JSON.stringify(value.errors));
        items.push(value.data?.['auditStream'] as Item);
      }
      return items;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await answers.return?.();
    },
  };
}

const CONTEXTS = ['resources', 'scheduling', 'billing', 'models'] as const;

/** Things that happen in all contexts, in one project. */
async function happenings(started: Started, projectId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `instance_${index}_${randomUUID()}`);
  await Promise.all(
    ids.map((streamId, index) =>
      happen(started, { context: CONTEXTS[index % 4] ?? 'resources', streamId, type: 'Happened', projectId }),
    ),
  );
  return ids;
}

/** The place of the newest event of the trail. */
async function headOf({ database }: Started): Promise<string> {
  const { sequence } = await database.prisma.auditHead.findFirstOrThrow();
  return encodeCursor('trail', sequence);
}

test('what happens anywhere is streamed once, in the order of the trail, and resumes behind any item', async () => {
  await using started = await startGovernance();
  const projectId = await createProject(callAs(started, 'org-admin'), 'vision');
  const auditor = await principalOf(started.governance, 'auditor');
  await trailIsWhole(started);
  const filter = { typeIn: ['Happened'] };
  await using stream = open(started, auditor, { filter, after: await headOf(started) });
  const wanted = await happenings(started, projectId, 40);
  const items = await stream.take(40);
  expect(new Set(items.map(({ event }) => event.subject.id))).toEqual(new Set(wanted));
  const sequences = items.map(({ event }) => Number(event.sequence));
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  for (const from of [0, 7, 39]) {
    await using resumed = open(started, auditor, { filter, after: items[from]?.cursor });
    const more = await happenings(started, projectId, 1);
    const rest = await resumed.take(items.length - from);
    expect(rest.slice(0, -1)).toEqual(items.slice(from + 1));
    expect(rest.at(-1)?.event.subject.id).toBe(more[0]);
    items.push(...rest.slice(-1));
  }
});

test('without a cursor it begins now: what was before is not streamed', async () => {
  await using started = await startGovernance();
  const projectId = await createProject(callAs(started, 'org-admin'), 'vision');
  const before = await happenings(started, projectId, 3);
  await trailIsWhole(started);
  await using stream = open(started, await principalOf(started.governance, 'auditor'));
  let first: Item | null = null;
  const arrival = stream.take(1).then(([item]) => (first = item ?? null));
  await until('something is streamed', async () => {
    if (first === null) await happenings(started, projectId, 1);
    return first !== null;
  });
  expect(before).not.toContain((await arrival)?.event.subject.id);
});

test('a viewer is streamed what the trail shows them, and nothing else', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const [vision, speech] = [await createProject(admin, 'vision'), await createProject(admin, 'speech')];
  await bound(admin, { userId: started.userIds['rita'], role: 'ProjectAdmin', projectId: vision });
  await trailIsWhole(started);
  const rita = await principalOf(started.governance, 'rita');
  await using stream = open(started, rita, { after: await headOf(started) });
  await happenings(started, speech, 8);
  const own = await happenings(started, vision, 8);
  const items = await stream.take(8);
  expect(new Set(items.map(({ event }) => event.subject.id))).toEqual(new Set(own));
});

test('a cursor that is none, and one of a trail that was set back, are refused', async () => {
  await using started = await startGovernance();
  const auditor = await principalOf(started.governance, 'auditor');
  const codeFor = async (after: string) => {
    await using stream = open(started, auditor, { after });
    const { value } = await stream.answers.next();
    return value?.errors?.[0]?.extensions?.['code'] as string;
  };
  expect(await codeFor('nonsense')).toBe('BAD_USER_INPUT');
  expect(await codeFor(encodeCursor('resources', 1n))).toBe('BAD_USER_INPUT');
  expect(await codeFor(encodeCursor('trail', 1_000_000n))).toBe('CURSOR_EXPIRED');
});
