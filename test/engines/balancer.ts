import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Balancer extends AsyncDisposable {
  readonly port: number;
  /** Where new connections go, in turn. Those that there are stay. */
  sendTo(ports: readonly number[]): void;
}

/**
 * One address for several processes on loopback, as a Kubernetes Service is: it knows connections and no requests, and a
 * process that takes none any more is passed over.
 */
export async function startBalancer(): Promise<Balancer> {
  let ports: readonly number[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket.on('error', () => socket.destroy()));
    socket.once('close', () => open.delete(socket));
  };

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    keep(client);
    const order = ports.map((_port, index) => ports[(turn + index) % ports.length] ?? 0);
    turn += 1;
    void connectToOne(order).then((process) => {
      if (!process) {
        client.destroy();
        return;
      }
      keep(process);
      client.pipe(process).pipe(client);
      process.once('close', () => client.destroy());
      client.once('close', () => process.destroy());
      client.resume();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sendTo(next) {
      ports = next;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** The first that takes the connection; null if none does. */
async function connectToOne(ports: readonly number[]): Promise<Socket | null> {
  for (const port of ports) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const isConnected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (isConnected) return socket;
    socket.destroy();
  }
  return null;
}
