import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics } from 'prom-client';
import { createListening } from '../server/listening.js';
import { registry } from './metrics.js';

export interface MetricsServer extends AsyncDisposable {
  readonly url: string;
}

/**
 * Answers `GET /metrics` and nothing else, to whoever reaches the address: so it has one of its own, away from callers.
 * The first one begins to measure the process itself too.
 */
export async function startMetricsServer(options: { host: string; port: number }): Promise<MetricsServer> {
  measureProcess();
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const listening = createListening(server);
  await listening.listen(options.port, options.host);
  return {
    url: `${listening.url}/metrics`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

let measured = false;

/** Event loop, memory, collections and processor time, under the names that prom-client gives them. */
function measureProcess(): void {
  if (measured) return;
  measured = true;
  collectDefaultMetrics({ register: registry });
}
