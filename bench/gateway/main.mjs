// Gateway CPU per request against @apollo/gateway, over the same canned subgraphs, in alternating rounds. Whatever
// else the machine does only adds to a round, so each side is judged by its best one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { requests } from './graph.mjs';

const ROUNDS = 9;
const CONCURRENCY = 8;
const load = {
  dashboard: { warmUp: 400, perRound: 100, bar: 0.18 },
  'one field': { warmUp: 2000, perRound: 700, bar: 0.17 },
};

const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const children = [];

async function start(file, ...args) {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  children.push(child);
  const [message] = await once(child, 'message');
  return { child, ...message };
}

async function usage({ child }) {
  child.send('usage');
  const [answer] = await once(child, 'message');
  return answer;
}

function ask({ url }, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    request.on('error', reject).end(body);
  });
}

async function askMany(gateway, body, count) {
  let left = count;
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) await ask(gateway, body);
    }),
  );
}

/** Milliseconds of CPU that the gateway spends on one request. */
async function cost(gateway, body, count) {
  const before = await usage(gateway);
  await askMany(gateway, body, count);
  const after = await usage(gateway);
  return (after.cpuMicros - before.cpuMicros) / 1000 / count;
}

try {
  const { urls } = await start('./cannedSubgraphs.mjs');
  const ours = await start('./ours.mjs', JSON.stringify(urls));
  const apollo = await start('./apollo.mjs', JSON.stringify(urls));
  for (const [name, request] of Object.entries(requests)) {
    const { warmUp, perRound, bar } = load[name];
    const body = JSON.stringify(request);
    const [answer, theirs] = [await ask(ours, body), await ask(apollo, body)].map((text) => JSON.parse(text));
    if (answer.errors || !isDeepStrictEqual(answer, theirs))
      throw new Error(`the answers to "${name}" differ`);
    for (const gateway of [ours, apollo]) await askMany(gateway, body, warmUp);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ ours: await cost(ours, body, perRound), apollo: await cost(apollo, body, perRound) });
    const [own, peer] = ['ours', 'apollo'].map((side) => Math.min(...rounds.map((round) => round[side])));
    const ratio = own / peer;
    console.log(
      `gateway CPU, ${name}: ${own.toFixed(2)} ms against ${peer.toFixed(2)} ms of @apollo/gateway = ${ratio.toFixed(3)} × (bar ${bar} ×) ${ratio <= bar ? 'ok' : 'MISSED'}`,
    );
    if (ratio > bar) process.exitCode = 1;
  }
  const [own, peer] = await Promise.all([usage(ours), usage(apollo)]);
  console.log(`gateway memory: ${own.residentMib} MiB against ${peer.residentMib} MiB`);
} finally {
  agent.destroy();
  for (const child of children) child.kill();
}
