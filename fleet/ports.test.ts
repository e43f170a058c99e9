import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from './config.js';
import { assertPortsFree } from './ports.js';

const free = { PORT: '0', ISSUER_PORT: '0', CLUSTER_PORT: '0' };

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each(['PORT', 'ISSUER_PORT', 'CLUSTER_PORT'])(
  'a port in use is refused with a sentence that names %s',
  async (variable) => {
    const port = await takenPort();
    const checking = assertPortsFree(readConfig({ ...free, [variable]: String(port) }));
    await expect(checking).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is in use by another program. Stop that, or name another port in ${variable}.`,
    );
  },
);

test('an address that is not this machine’s is refused with a sentence', async () => {
  const checking = assertPortsFree(readConfig({ ...free, HOST: '192.0.2.1' }));
  await expect(checking).rejects.toThrow('Nobody can listen on port 0 of 192.0.2.1 (HOST, PORT)');
});

test('free ports, and those of parts that do not start here, are no reason to refuse', async () => {
  const taken = String(await takenPort());
  await assertPortsFree(readConfig(free));
  const elsewhere = {
    OIDC_ISSUER: 'https://login.example.com',
    ISSUER_PORT: taken,
    FLEETGRAPH_KUBECONFIG: '/etc/kubeconfig',
    CLUSTER_PORT: taken,
  };
  await assertPortsFree(readConfig({ ...free, ...elsewhere }));
});
