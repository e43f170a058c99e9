import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, payloadTooLarge } from './requestErrors.js';

/** The body as text. One that is too large is refused as soon as that is known: before reading it, if it says so. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length']) > bytesMax) return reject(payloadTooLarge(bytesMax));
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) return void chunks.push(chunk);
      request.off('data', onData);
      reject(payloadTooLarge(bytesMax));
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks, bytes).toString()));
    const cutOff = () => {
      if (!request.complete) reject(badRequest('The body did not arrive in full'));
    };
    request.once('error', cutOff);
    request.once('close', cutOff);
  });
}

const UNREAD_MS = 1_000;

/**
 * Once the answer is out, a body that was refused is thrown away as it comes, for a moment: cutting the connection at
 * once would take the answer away from a client that is still sending.
 */
export function abandonUnread(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => request.socket.destroy(), UNREAD_MS);
    request.once('end', () => clearTimeout(timer));
  });
}
