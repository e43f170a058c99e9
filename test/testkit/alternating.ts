import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** Longer than callers keep theirs. */
const KEPT_MS = 600_000;

export interface Alternating extends AsyncDisposable {
  readonly url: string;
  add(replica: string): void;
  /** It gets no more requests. */
  remove(replica: string): void;
}

/** Stands before the replicas of a process: each request and each socket goes to another one than that before it. */
export async function alternate(): Promise<Alternating> {
  const replicas: URL[] = [];
  let turn = 0;
  const next = () => replicas[turn++ % replicas.length];

  function forward(asked: IncomingMessage, answer: ServerResponse): void {
    const replica = next();
    if (!replica) return void answer.writeHead(503).end();
    const { method } = asked;
    const { connection: _kept, ...headers } = asked.headers;
    // A connection of its own: one that was kept may just be closed at its other end.
    const forwarded = request(new URL(asked.url ?? '/', replica), { method, headers, agent: false });
    forwarded.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    answer.on('close', () => forwarded.destroy());
    asked.pipe(forwarded);
  }

  function join({ method, url, rawHeaders }: IncomingMessage, client: Duplex, head: Buffer): void {
    const replica = next();
    if (!replica) return void client.destroy();
    const server = connect(Number(replica.port), replica.hostname);
    const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
    server.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    server.write(head);
    server.pipe(client).pipe(server);
    for (const [one, other] of [
      [server, client],
      [client, server],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  }

  const front = createServer({ keepAliveTimeout: KEPT_MS }, forward)
    .on('upgrade', join)
    .listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    add: (replica) => void replicas.push(new URL(replica)),
    remove(replica) {
      const index = replicas.findIndex(({ origin }) => origin === replica);
      if (index >= 0) replicas.splice(index, 1);
    },
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      await once(front.close(), 'close');
    },
  };
}
