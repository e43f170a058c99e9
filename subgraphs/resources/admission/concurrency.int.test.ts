import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { createInstanceCommands } from '../instance/instance.commands.js';
import { readInstanceRequest } from '../instance/instance.request.js';
import { createRepositories } from '../repositories.js';
import { createAdmission } from './admission.gate.js';
import { replayAllocations } from './history.fixture.js';
import {
  A100,
  addProject,
  H100,
  people,
  type Requested,
  requestInstance,
  requestOf,
  setQuota,
  startResources,
} from '../resources.fixture.js';

const REQUESTS = 200;
const NOMINAL: Record<string, number> = { vision: 14, lab: 6, speech: 8 };
const PARENT: Record<string, string> = { lab: 'vision' };
const BUDGET = 30;

const everybody = {
  ...people.researcher,
  projects: Object.fromEntries(
    Object.keys(NOMINAL).map((id) => [id, ['project:read', 'contents:read', 'instance:writeOwn']]),
  ),
};

const request = fc.record({
  projectId: fc.constantFrom(...Object.keys(NOMINAL)),
  gpu: fc.record({
    modelIn: fc.constantFrom([H100], [A100], [H100, A100], [A100, H100]),
    count: fc.constantFrom(1, 1, 2, 3, 4),
  }),
});

test('two hundred concurrent requests never give a device, a quota or a budget twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: REQUESTS, maxLength: REQUESTS }), async (requests) => {
      await using harness = await startResources();
      await addProject(harness, 'lab', 'vision');
      for (const [project, nominal] of Object.entries(NOMINAL))
        for (const model of [H100, A100]) await setQuota(harness, project, model, nominal);
      harness.billing.setBudget('vision', String(BUDGET));
      const caller = harness.as(everybody);

      const answers = await Promise.all(requests.map((wish) => requestInstance(caller, requestOf(wish))));

      const given = answers.flatMap(({ data }) => (data?.['requestInstance'] as Requested | undefined) ?? []);
      const codes = new Set(answers.map((answer) => refusalOf(answer)?.['code']));
      for (const code of codes)
        expect([undefined, 'QUOTA_EXCEEDED', 'BUDGET_EXCEEDED', 'CAPACITY_EXHAUSTED']).toContain(code);
      expect(codes.size).toBeGreaterThan(1);
      expect(given.length).toBeGreaterThan(0);

      const { length: devices } = await replayAllocations(harness, { nominal: NOMINAL, parent: PARENT });
      expect(given.flatMap(({ instance }) => instance.allocations)).toHaveLength(devices);
      for (const { instance } of given)
        expect(new Set(instance.allocations.map(({ gpu }) => gpu.id.replace(/\/\d+$/, ''))).size).toBe(1);

      expect([...harness.billing.holds.keys()].sort()).toEqual(
        given.map(({ instance }) => instance.id).sort(),
      );
      const held = [...harness.billing.holds.values()]
        .filter(({ projectId }) => projectId === 'vision')
        .reduce((sum, { amount }) => sum + Number(amount), 0);
      expect(held).toBeLessThanOrEqual(BUDGET);
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 240_000);

test('two hundred requests for the last device give it to one', async () => {
  await using harness = await startResources();
  await setQuota(harness, 'vision', H100, 1);
  const caller = harness.as(people.researcher);
  const answers = await Promise.all(Array.from({ length: REQUESTS }, () => requestInstance(caller)));
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  expect(new Set(answers.map((answer) => refusalOf(answer)?.['code']))).toEqual(
    new Set([undefined, 'QUOTA_EXCEEDED']),
  );
  expect(harness.billing.holds.size).toBe(1);
}, 120_000);

test('equal requests that reach several processes have one effect, and every other hold is given back', async () => {
  await using harness = await startResources();
  const { database, billing, app } = harness;
  const { instances } = createRepositories(database);
  const admission = createAdmission({ database, billing });
  const processes = Array.from({ length: 4 }, () =>
    createInstanceCommands({ commands: app.spine.commands, admission, instances }),
  );
  const request = readInstanceRequest(requestOf(), []);
  const command = {
    name: 'requestInstance',
    principal: people.researcher,
    requestId: 'request',
    correlationId: 'correlation',
    idempotencyKey: 'one key',
    input: request,
  };
  const asked = { request, planHash: null, reason: null };
  const answers = await Promise.all(processes.map((process) => process.request(command, asked)));
  const ids = new Set(answers.map(({ result }) => result.id));
  expect(ids.size).toBe(1);
  expect(new Set(answers.map(({ eventId }) => eventId)).size).toBe(1);
  expect([...billing.holds.keys()]).toEqual([...ids]);
  expect(await database.prisma.instance.count()).toBe(1);
});
