import 'reflect-metadata';
import type { BillingCalls } from '../../contracts/calls.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createScheduling } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  name: 'scheduling',
  readConfig,
  start: (config, log) =>
    startSubgraphProcess(
      config,
      (deps) => {
        const billing = createRemoteCalls<BillingCalls>(deps.peer('billing'), {
          placeHold: true,
          releaseHold: true,
          budgetStatus: true,
        });
        return createScheduling({ ...deps, billing });
      },
      log,
    ),
});
