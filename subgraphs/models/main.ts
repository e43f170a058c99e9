import 'reflect-metadata';
import type { ResourcesCalls } from '../../contracts/calls.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createModels } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  name: 'models',
  readConfig,
  start: (config, log) =>
    startSubgraphProcess(
      config,
      (deps) => {
        const resources = createRemoteCalls<ResourcesCalls>(deps.peer('resources'), { planDeployment: true });
        return createModels({ ...deps, resources });
      },
      log,
    ),
});
