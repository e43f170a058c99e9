import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

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
    residentMib: () => treeOf(child.pid).reduce((sum, pid) => sum + residentKib(pid), 0) / 1024,
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

function treeOf(root) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)]);
  const tree = [root];
  for (const pid of tree)
    tree.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return tree;
}

const field = (pid, name) => {
  try {
    return Number(
      new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0,
    );
  } catch {
    return 0; // It has ended meanwhile.
  }
};
const parentOf = (pid) => field(pid, 'PPid');
const residentKib = (pid) => field(pid, 'VmRSS');
