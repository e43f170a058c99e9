import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Log } from '../../platform/telemetry/log.js';
import { openSockets } from '../metrics.js';
import { requestIdFrom } from './operations.js';
import type { OriginPolicy } from './origins.js';
import { boundSocket, CLOSE, type BoundedSocket } from './socket.js';
import type { createSocketProtocol, Extra } from './socketProtocol.js';

export interface SocketsOptions {
  readonly protocol: ReturnType<typeof createSocketProtocol>;
  readonly origins: OriginPolicy;
  readonly bytesMax: number;
  readonly socketsMax: number;
  readonly keepAliveMs: number;
  readonly log: Log;
}

/** Upgrades connections to WebSockets and keeps the list of those that are open. */
export function createSockets({ protocol, origins, bytesMax, socketsMax, keepAliveMs, log }: SocketsOptions) {
  const open = new Set<BoundedSocket>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: bytesMax,
    handleProtocols,
  });

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const bounded = boundSocket(socket, keepAliveMs);
    const correlationId = requestIdFrom(request.headers['x-request-id']);
    // Faults of the connection; `close` follows.
    socket.on('error', (error) => log.debug({ err: error, correlationId }, 'socket error'));
    if (open.size >= socketsMax) return bounded.close(CLOSE.TRY_AGAIN_LATER, 'Try again later');
    open.add(bounded);
    openSockets.inc();
    const closed = protocol.opened(adapt(bounded, correlationId, log), {
      bounded,
      correlationId,
    } satisfies Extra);
    socket.once('close', (code, reason) => {
      open.delete(bounded);
      openSockets.dec();
      void closed(code, String(reason));
    });
  }

  return {
    /** Refuses pages of other origins before anything of the protocol is spoken. */
    upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
      if (!origins.isAllowed(request)) return refuseUpgrade(connection, '403 Forbidden');
      server.handleUpgrade(request, connection, head, (socket) => accept(socket, request));
    },

    /** The open sockets, to be closed at shutdown. */
    all: (): readonly BoundedSocket[] => [...open],
  };
}

export type Sockets = ReturnType<typeof createSockets>;

export function refuseUpgrade(connection: Duplex, status: string): void {
  connection.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** A socket as graphql-ws wants it. */
const adapt = (bounded: BoundedSocket, correlationId: string, log: Log) => ({
  protocol: bounded.socket.protocol,
  send: (frame: string) => bounded.send(frame),
  close: (code?: number, reason?: string) => bounded.close(code ?? CLOSE.INTERNAL, reason ?? ''),
  onMessage: (receive: (message: string) => Promise<void>) => {
    bounded.socket.on('message', (message: Buffer) => {
      receive(message.toString()).catch((error: unknown) => {
        log.error({ err: error, requestId: correlationId }, 'unexpected error on a socket');
        bounded.close(CLOSE.INTERNAL, 'Internal server error');
      });
    });
  },
});
