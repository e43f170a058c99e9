import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CommandRequest } from '../../../platform/command/commands.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { person } from '../../../test/testkit/subgraphHarness.js';
import { createAdmission } from '../admission/admission.gate.js';
import { replayAllocations } from '../admission/history.fixture.js';
import { createRepositories } from '../repositories.js';
import {
  A100,
  addProject,
  H100,
  requestInstance,
  requestOf,
  type ResourcesHarness,
  setQuota,
  startResources,
} from '../resources.fixture.js';
import { createWorkloadAdmission } from './workload.admission.js';
import { deploymentAsk, jobSpec, planned, reservation, settle, stateOf } from './workload.fixture.js';

const REQUESTS = 200;
const nominal: Record<string, number> = { vision: 14, lab: 9, speech: 12 };
const parent: Record<string, string> = { lab: 'vision' };

const wish = fc.record({
  kind: fc.constantFrom('JOB', 'JOB', 'JOB', 'DEPLOYMENT', 'INSTANCE'),
  projectId: fc.constantFrom(...Object.keys(nominal)),
  model: fc.constantFrom(H100, A100),
  count: fc.constantFrom(1, 1, 2, 3, 5, 10, 12),
});
type Wish = typeof wish extends fc.Arbitrary<infer Value> ? Value : never;

const everybody = person(
  [],
  Object.fromEntries(
    Object.keys(nominal).map((id) => [id, ['project:read', 'contents:read', 'instance:writeOwn']]),
  ),
);

const command = (name: string, key: string): CommandRequest => ({
  name,
  principal: systemPrincipal('test'),
  requestId: key,
  correlationId: key,
  idempotencyKey: key,
  input: null,
});

/** Sends every wish at once, each through its own door, as several processes would. */
async function sendAll(harness: ResourcesHarness, wishes: readonly Wish[]): Promise<string[]> {
  const { database, billing, app } = harness;
  const { commands } = app.spine;
  const { workloads } = createRepositories(database);
  const admissions = Array.from({ length: 4 }, () =>
    createWorkloadAdmission({ commands, admission: createAdmission({ database, billing }), workloads }),
  );
  const asked = await Promise.all(
    wishes.map(async ({ kind, projectId, count }) => {
      const spec = { ...deploymentAsk().spec, replicas: { min: 2, max: 2 } };
      const ask = deploymentAsk({ projectId, spec: { ...spec, gpu: { modelIn: [H100], count } } });
      return kind === 'DEPLOYMENT' ? planned(harness, ask).catch(() => ask) : ask;
    }),
  );
  return Promise.all(
    wishes.map(async ({ kind, projectId, model, count }, index) => {
      const admission = admissions[index % admissions.length];
      const id = `${kind.toLowerCase()}_${index}`;
      const gpu = { modelIn: [model], count };
      if (kind === 'INSTANCE') {
        await requestInstance(harness.as(everybody), requestOf({ projectId, gpu }));
      } else if (kind === 'JOB') {
        const reserved = reservation({ projectId, spec: jobSpec({ gpu }), gpuModelId: model });
        await admission?.admitJob(command('admit', id), id, reserved);
      } else {
        const doors = { admit: command('admit', id), refuse: command('refuse', id) };
        await admission?.admitDeployment(doors, id, asked[index] ?? deploymentAsk());
      }
      return id;
    }),
  );
}

test('two hundred jobs, deployments and instances at once never get a device or a quota twice, and each gets all or nothing', async () => {
  const list = fc.array(wish, { minLength: REQUESTS, maxLength: REQUESTS });
  await fc.assert(
    fc.asyncProperty(list, async (wishes) => {
      await using harness = await startResources();
      await addProject(harness, 'lab', 'vision');
      for (const [project, limit] of Object.entries(nominal))
        for (const model of [H100, A100]) await setQuota(harness, project, model, limit);
      await settle(harness);

      const ids = await sendAll(harness, wishes);

      const open = await replayAllocations(harness, { nominal, parent });
      expect(open.length).toBeGreaterThan(0);
      const phases = new Set<string>();
      for (const id of ids.filter((each) => !each.startsWith('instance'))) {
        const state = await stateOf(harness, id);
        phases.add(state?.phase ?? 'NONE');
        const given = open.filter(({ owner }) => owner.id === id);
        const shares = state?.body?.shares ?? [];
        for (const { nodeId, pods, gpusPerPod } of shares)
          expect(given.filter((device) => device.nodeId === nodeId)).toHaveLength(pods * gpusPerPod);
        const total = shares.reduce((sum, { pods, gpusPerPod }) => sum + pods * gpusPerPod, 0);
        expect(given).toHaveLength(total);
        expect(given.map((device) => device.gpuId)).toHaveLength(state?.body?.allocationIds.length ?? 0);
      }
      expect(phases).toEqual(new Set(['ADMITTED', 'REFUSED']));
      const paying = new Set(
        open
          .map(({ owner }) => owner)
          .filter(({ kind }) => kind !== 'JOB')
          .map(({ id }) => id),
      );
      expect(new Set(harness.billing.holds.keys())).toEqual(paying);
    }),
    { numRuns: 1, endOnFailure: true },
  );
}, 240_000);
