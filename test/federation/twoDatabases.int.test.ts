import { expect, test } from 'vitest';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { SubgraphName } from '../../contracts/subgraphs.js';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import { systemPrincipal } from '../../platform/identity/principal.js';
import { createInProcessLog } from '../../platform/log/inProcessLog.js';
import { createTails } from '../../platform/server/tails.js';
import { createLog } from '../../platform/telemetry/log.js';
import { createBilling } from '../../subgraphs/billing/app.js';
import { createGovernance } from '../../subgraphs/governance/app.js';
import { testDatabase } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const log = createLog({ name: 'test', level: 'silent' });

test('contexts in databases of their own hear each other, and neither has anything of the other in its own', async () => {
  await using ofGovernance = await testDatabase();
  await using ofBilling = await testDatabase();
  await using eventLog = createInProcessLog();
  const databases: Partial<Record<string, typeof ofBilling>> = { billing: ofBilling };
  const history = (context: string) => {
    const { prisma } = databases[context] ?? ofGovernance;
    return createEventStore(prisma, context, UPCASTERS[context as SubgraphName]);
  };
  await using tails = createTails({ eventLog, history, log });
  const deps = { eventLog, tails, log };
  await using governance = await createGovernance({ ...deps, database: ofGovernance });
  await using billing = await createBilling({ ...deps, database: ofBilling });
  await billing.start();
  await governance.start();

  const input = { idempotencyKey: 'k', key: 'vision', name: 'Vision' };
  const created = await governance.subgraph.execute(
    {
      document: 'mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }',
      variables: { input },
    },
    {
      principal: systemPrincipal('test'),
      requestId: 'r',
      correlationId: 'c',
      positions: {},
      signal: AbortSignal.timeout(30_000),
    },
  );
  expect(created.errors).toBeUndefined();

  await until('billing knows the project', async () => (await ofBilling.prisma.billingProject.count()) === 1);
  expect(await ofGovernance.prisma.billingProject.count()).toBe(0);
  expect(await ofBilling.prisma.project.count()).toBe(0);
  expect(await ofBilling.prisma.event.count({ where: { context: 'governance' } })).toBe(0);
});
