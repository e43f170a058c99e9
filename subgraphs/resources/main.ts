import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import type { BillingCalls } from '../../contracts/calls.js';
import { pause } from '../../platform/pause.js';
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
        const resources = await createResources({
          ...deps,
          billing,
          clusterId: config.cluster.id,
          logRetentionMs: config.logRetentionMs,
          kafka: config.kafka,
        });
        return withCluster(resources, config, log);
      },
      log,
    ),
});

const TRY_AGAIN_MS = 5_000;

/** Resources that lead their cluster as soon as they are started and it can be reached; until then they answer without. */
function withCluster(resources: Resources, { cluster }: Config, log: Log): SubgraphApp {
  const stop = new AbortController();
  const onError = (error: unknown) => log.error({ error }, 'cluster failed, will try again');
  let leading: Promise<AsyncDisposable | null> = Promise.resolve(null);

  async function lead(kubeconfig: string | null): Promise<AsyncDisposable | null> {
    while (!stop.signal.aborted) {
      try {
        return await leadCluster(resources, { kubeconfig, onError });
      } catch (error) {
        onError(error);
        await pause(TRY_AGAIN_MS, stop.signal);
      }
    }
    return null;
  }

  return {
    ...resources,
    async start() {
      const kubeconfig = cluster.kubeconfig === null ? null : await readFile(cluster.kubeconfig, 'utf8');
      await resources.start();
      leading = lead(kubeconfig);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await (await leading)?.[Symbol.asyncDispose]();
      await resources[Symbol.asyncDispose]();
    },
  };
}
