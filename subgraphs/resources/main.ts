import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import type { BillingCalls } from '../../contracts/calls.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess, type SubgraphApp } from '../../platform/server/subgraphProcess.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createResources, type Resources } from './app.js';
import { type Config, readConfig } from './config.js';
import { leadCluster } from './leadCluster.js';

await runProcess({
  name: 'resources',
  readConfig,
  start: (config, log) =>
    startSubgraphProcess(
      config,
      async (deps) => {
        const billing = createRemoteCalls<BillingCalls>(deps.peer('billing'), {
          placeHold: true,
          releaseHold: true,
          budgetStatus: true,
        });
        const resources = await createResources({ ...deps, billing, clusterId: config.cluster.id });
        return withCluster(resources, config, log);
      },
      log,
    ),
});

/** Resources that drive their cluster from the moment that they are started. */
function withCluster(resources: Resources, { cluster }: Config, log: Log): SubgraphApp {
  let driving: AsyncDisposable | null = null;
  const onError = (error: unknown) => log.error({ error }, 'cluster failed, will try again');
  return {
    ...resources,
    async start() {
      const kubeconfig = cluster.kubeconfig === null ? null : await readFile(cluster.kubeconfig, 'utf8');
      await resources.start();
      driving = await leadCluster(resources, { kubeconfig, onError });
    },
    async [Symbol.asyncDispose]() {
      await driving?.[Symbol.asyncDispose]();
      await resources[Symbol.asyncDispose]();
    },
  };
}
