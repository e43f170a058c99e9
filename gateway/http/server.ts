import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { abandonUnread } from '../../platform/server/body.js';
import { createDoors, type DoorsOptions } from './doors.js';
import { createDrain } from '../../platform/server/drain.js';
import { pathOf } from './routes.js';
import { defaultSettings, type ServerSettings } from './settings.js';
import { refuseUpgrade } from './sockets.js';
import { createListening } from '../../platform/server/listening.js';

export interface GatewayServerOptions extends DoorsOptions {
  readonly settings?: Partial<ServerSettings> | undefined;
}

export interface GatewayServer {
  /** Answers the port, which the system chooses if it is 0. */
  listen(port: number, host?: string): Promise<number>;
  /** Where it listens, for example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new connections, ends streams, finishes what is under way. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One port for everything: GraphQL over HTTP, sockets and event streams, GraphiQL, discovery and health. */
export function createGatewayServer(options: GatewayServerOptions): GatewayServer {
  const settings = { ...defaultSettings, ...options.settings };
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 60_000 });
  const drain = createDrain(server);
  const doors = createDoors(options, settings, drain.isDraining);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    drain.track(response);
    abandonUnread(request, response);
    try {
      if (doors.origins.answerPreflight(request, response)) return;
      const handle = doors.route(pathOf(request));
      if (handle) await handle(request, response);
      else response.writeHead(404).end();
    } catch (error) {
      options.log.error({ err: error, path: pathOf(request) }, 'unexpected error');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }

  server.on(
    'request',
    (request: IncomingMessage, response: ServerResponse) => void answer(request, response),
  );
  // Whoever asks before sending a body is told at once that it is too large.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= settings.bytesMax) response.writeContinue();
    void answer(request, response);
  });
  server.on('upgrade', (request, connection, head) => {
    connection.on('error', () => connection.destroy());
    if (drain.isDraining()) return refuseUpgrade(connection, '503 Service Unavailable');
    if (pathOf(request) !== '/graphql') return refuseUpgrade(connection, '404 Not Found');
    doors.sockets.upgrade(request, connection, head);
  });

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= drain.drain(doors.streamEnds(), settings.drain).finally(() => doors[Symbol.dispose]());
    return closing;
  };
  const listening = createListening(server);

  return {
    listen: listening.listen,
    get url() {
      return listening.url;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
