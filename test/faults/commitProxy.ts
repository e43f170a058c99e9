import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a PostgreSQL server that can hang up right behind a COMMIT. */
export interface CommitProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on every COMMIT reaches the server, and its caller never hears of it, so many times. */
  loseCommits(times: number): void;
  /** The same, but the connection breaks before the COMMIT reaches the server. */
  loseBeforeCommits(times: number): void;
  readonly lost: number;
}

const COMMIT = Buffer.from('COMMIT');

export async function startCommitProxy(serverPort: number): Promise<CommitProxy> {
  const sockets = new Set<Socket>();
  const left = { after: 0, before: 0 };
  let lost = 0;

  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    server.pipe(client);
    client.on('data', (chunk: Buffer) => {
      const commits = chunk.includes(COMMIT);
      if (commits && left.before > 0) {
        left.before--;
        lost++;
        client.destroy();
        server.destroy();
      } else if (commits && left.after > 0) {
        left.after--;
        lost++;
        server.unpipe(client);
        client.destroy();
        server.resume().end(chunk);
      } else server.write(chunk);
    });
    client.on('close', () => server.end());
    server.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    loseCommits: (times) => void (left.after = times),
    loseBeforeCommits: (times) => void (left.before = times),
    get lost() {
      return lost;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
