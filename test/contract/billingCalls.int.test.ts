import { randomUUID } from 'node:crypto';
import { createBillingFake } from '../../subgraphs/resources/billing.fixture.js';
import { addProject, budgetOf, startBilling } from '../../subgraphs/billing/billing.fixture.js';
import { billingCallsContract } from './billingCalls.suite.js';

billingCallsContract('billing', async () => {
  const harness = await startBilling();
  return {
    calls: harness.app.calls,
    addProject: () => addProject(harness),
    setBudget: async (projectId, limit) => void (await budgetOf(harness, projectId, limit)),
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
});

billingCallsContract('its fake in the tests of resources', async () => {
  const fake = createBillingFake();
  return {
    calls: fake,
    addProject: async () => `project_${randomUUID()}`,
    setBudget: async (projectId, limit) => fake.setBudget(projectId, limit),
    [Symbol.asyncDispose]: async () => {},
  };
});
