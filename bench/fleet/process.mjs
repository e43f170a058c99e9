import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { residentMib } from '../memory.mjs';

const DEADLINE_MS = 300_000;
const ROOT = new URL('../..', import.meta.url);

/** Runs `npm start` on the folder until it has answered a query. */
export async function startFleetgraph(folder) {
  const [PORT, ISSUER_PORT, CLUSTER_PORT] = await freePorts(3);
  const url = `http://127.0.0.1:${PORT}`;
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PORT, ISSUER_PORT, CLUSTER_PORT, FLEETGRAPH_DATA: folder },
  });
  const exited = once(child, 'exit');
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() - started > DEADLINE_MS)
      throw new Error('npm start did not answer');
    await pause(20);
  }
  return {
    url,
    issuer: `http://127.0.0.1:${ISSUER_PORT}`,
    firstAnswerMs: performance.now() - started,
    /** Resident memory of the process and all its children, shared pages counted in each. */
    residentMib: () => residentMib(child.pid),
    /** How long it takes from SIGTERM to its end. */
    async stop() {
      const asked = performance.now();
      child.kill('SIGTERM');
      await exited;
      return performance.now() - asked;
    },
  };
}

async function answers(url) {
  const body = JSON.stringify({ query: '{ __typename }' });
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/graphql`, { method: 'POST', headers, body }).then(
    async (response) => response.ok && 'data' in (await response.json()),
    () => false,
  );
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => String(server.address().port));
  for (const server of servers) server.close();
  return ports;
}
