import type { WebSocket } from 'ws';
import { CloseCode } from 'graphql-ws';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A WebSocket that cannot be made to hold more memory than it should by a client that does not read. */
export interface BoundedSocket {
  readonly socket: WebSocket;
  /** Settles at once while the client keeps up, otherwise when this frame was handed to the network. */
  send(frame: string): void | Promise<void>;
  close(code: number, reason: string): void;
}

const BUFFERED_BYTES_MAX = 512 * 1024;
const CLOSE_TIMEOUT_MS = 2_000;

/** `keepAliveMs`: how often the client is pinged. One that did not answer until the next ping is cut off. */
export function boundSocket(socket: WebSocket, keepAliveMs: number): BoundedSocket {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const pinging = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, keepAliveMs);
  socket.once('close', () => clearInterval(pinging));

  return {
    socket,
    send(frame) {
      // Its end is about to be heard; until then whoever sends must not take all the time there is.
      if (socket.readyState !== socket.OPEN) return nextTurn();
      if (socket.bufferedAmount < BUFFERED_BYTES_MAX) return socket.send(frame);
      // Whoever does not read is not read from either: no request can add to what is waiting.
      socket.pause();
      return new Promise((resolve) => {
        socket.send(frame, () => {
          socket.resume();
          resolve();
        });
      });
    },
    close(code, reason) {
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
    },
  };
}

/** Clients reconnect after every one of these but `UNAUTHORIZED`. */
export const CLOSE = {
  GOING_AWAY: 1001,
  TRY_AGAIN_LATER: 1013,
  INTERNAL: CloseCode.InternalServerError,
  UNAUTHORIZED: CloseCode.Unauthorized,
  FORBIDDEN: CloseCode.Forbidden,
} as const;
