import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from './config.js';

/** Refuses to start, in words, before anything was done that would have to be undone. Port 0 is always free. */
export async function assertPortsFree({ host, port, identity, cluster }: Config): Promise<void> {
  await assertFree('PORT', port, host);
  if (identity.issuer === null) await assertFree('ISSUER_PORT', identity.developmentPort, LOOPBACK);
  if (cluster.kubeconfig === null) await assertFree('CLUSTER_PORT', cluster.developmentPort, LOOPBACK);
}

const LOOPBACK = '127.0.0.1';

async function assertFree(variable: string, port: number, host: string): Promise<void> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(refusal(variable, port, host, error as NodeJS.ErrnoException), { cause: error });
  }
  server.close();
  await once(server, 'close');
}

function refusal(
  variable: string,
  port: number,
  host: string,
  { code, message }: NodeJS.ErrnoException,
): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} of ${host} is in use by another program. Stop that, or name another port in ${variable}.`;
  if (code === 'EACCES')
    return `Port ${port} is reserved for privileged programs. Name one above 1023 in ${variable}.`;
  return `Nobody can listen on port ${port} of ${host} (HOST, ${variable}): ${message}`;
}
