import type { ResourcesCalls } from '../../contracts/calls.js';
import { buildWith } from '../../platform/disposables.js';
import { createPeer } from '../../platform/server/peer.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { startToy } from '../../platform/server/subgraphServer.fixture.js';
import { startResources } from '../../subgraphs/resources/resources.fixture.js';
import { resourcesCallsContract } from './resourcesCalls.suite.js';

resourcesCallsContract('resources in one process', () =>
  buildWith(async ({ use }) => ({ calls: use(await startResources()).app.calls })),
);

resourcesCallsContract('resources behind a signed server', () =>
  buildWith(async ({ use }) => {
    const { app } = use(await startResources());
    const { url, keys, log } = use(await startToy({ calls: app.calls }));
    const peer = createPeer({ name: 'toy', url, caller: 'models', keys, log });
    return { calls: createRemoteCalls<ResourcesCalls>(peer, { planDeployment: true }) };
  }),
);
