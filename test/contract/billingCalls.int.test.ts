import { randomUUID } from 'node:crypto';
import type { BillingCalls } from '../../contracts/calls.js';
import { buildWith } from '../../platform/disposables.js';
import { createPeer } from '../../platform/server/peer.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { startToy } from '../../platform/server/subgraphServer.fixture.js';
import { createBillingFake } from '../testkit/billingFake.js';
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

billingCallsContract('billing, called from another process', () =>
  buildWith(async ({ use }) => {
    const harness = use(await startBilling());
    const server = use(await startToy({ calls: harness.app.calls }));
    const { url, keys, log } = server;
    const peer = createPeer({ name: 'toy', url, caller: 'scheduling', keys, log });
    return {
      calls: createRemoteCalls<BillingCalls>(peer, {
        placeHold: true,
        releaseHold: true,
        budgetStatus: true,
      }),
      addProject: () => addProject(harness),
      setBudget: async (projectId, limit) => void (await budgetOf(harness, projectId, limit)),
    };
  }),
);

billingCallsContract('its fake in the tests of resources', async () => {
  const fake = createBillingFake();
  return {
    calls: fake,
    addProject: async () => `project_${randomUUID()}`,
    setBudget: async (projectId, limit) => fake.setBudget(projectId, limit),
    [Symbol.asyncDispose]: async () => {},
  };
});
