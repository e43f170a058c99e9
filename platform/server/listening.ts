import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server listens, once it does. */
export interface Listening {
  /** Answers the port, which the system chooses if it is 0. */
  listen(port: number, host?: string): Promise<number>;
  /** For example `http://127.0.0.1:4000`. */
  readonly url: string;
}

export function createListening(server: Server): Listening {
  const address = () => server.address() as AddressInfo;
  return {
    listen: (port, host = '127.0.0.1') =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve(address().port);
        });
      }),
    get url() {
      const { address: host, family, port } = address();
      return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
    },
  };
}
