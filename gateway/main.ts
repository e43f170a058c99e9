import { readFile } from 'node:fs/promises';
import { createLog } from '../platform/telemetry/log.js';
import { startTelemetry } from '../platform/telemetry/telemetry.js';
import { createGateway } from './app.js';
import { withoutIdentity } from './auth/identity.js';
import { readConfig, type Config } from './config.js';
import { followSupergraph } from './followSupergraph.js';
import { createHttpTransport } from './transports/http.js';
import { createWebSocketTransport } from './transports/webSocket.js';

/** Serves until SIGTERM or SIGINT, then finishes what is under way. */
async function main({ supergraphFile, port, host, logLevel }: Config): Promise<void> {
  const log = createLog({ name: 'gateway', level: logLevel });
  const telemetry = await startTelemetry(process.env, 'gateway', log);
  const supergraphSdl = await readFile(supergraphFile, 'utf8');
  const gateway = await createGateway({
    supergraphSdl,
    connect: ({ url }) =>
      createHttpTransport({
        url,
        subscriptions: createWebSocketTransport({ url: url.replace(/^http/, 'ws') }),
      }),
    authenticate: withoutIdentity,
    log,
    version: process.env['npm_package_version'] ?? '0.0.0',
  });
  await gateway.listen(port, host);
  log.info({ url: gateway.url }, 'listening');
  const following = followSupergraph({
    file: supergraphFile,
    served: supergraphSdl,
    reload: gateway.reload,
    log,
  });

  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping');
    void following[Symbol.asyncDispose]()
      .then(gateway.close)
      .then(() => telemetry[Symbol.asyncDispose]())
      .then(() => log.info('stopped'));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

try {
  await main(readConfig(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
