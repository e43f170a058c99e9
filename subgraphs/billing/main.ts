import 'reflect-metadata';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createBilling } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  name: 'billing',
  readConfig,
  start: (config, log) =>
    startSubgraphProcess(
      config,
      async (deps) => {
        const billing = await createBilling(deps);
        if (config.examplePrices) await billing.bootstrap();
        return billing;
      },
      log,
    ),
});
