// Gateway CPU per request against @apollo/gateway, over the same canned subgraphs, in alternating rounds. Whatever
// else the machine does only adds to a round, so each side is judged by its best one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { requests } from './graph.mjs';
import { listen } from './listen.mjs';

const ROUNDS = 9;
const CONCURRENCY = 8;
const load = { dashboard: { warmUp: 400, perRound: 100 }, 'one field': { warmUp: 2000, perRound: 700 } };

/** What of @apollo/gateway's CPU time each of ours may spend. */
const bars = {
  engine: { dashboard: 0.18, 'one field': 0.17 },
  'whole gateway': { dashboard: 0.2 },
  'whole gateway, every request traced': { dashboard: 0.25 },
};

const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const children = [];

async function start(file, args = [], env = {}) {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production', ...env },
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

function ask({ url, headers: own }, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...own,
    };
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
  const collector = await startCollector();
  const served = [JSON.stringify(urls)];
  const peer = await start('./apollo.mjs', served);
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_MAX_QUEUE_SIZE: '100000' };
  const ours = {
    engine: await start('./ours.mjs', served),
    'whole gateway': await start('./guarded.mjs', served),
    'whole gateway, every request traced': await start('./guarded.mjs', served, traced),
  };
  for (const [name, request] of Object.entries(requests)) {
    const { warmUp, perRound } = load[name];
    const body = JSON.stringify(request);
    const expected = JSON.parse(await ask(peer, body));
    for (const gateway of Object.values(ours)) {
      const answer = JSON.parse(await ask(gateway, body));
      if (answer.errors || !isDeepStrictEqual(answer, expected))
        throw new Error(`the answers to "${name}" differ: ${JSON.stringify(answer).slice(0, 300)}`);
    }
    const gateways = [peer, ...Object.values(ours)];
    for (const gateway of gateways) await askMany(gateway, body, warmUp);
    const best = new Map(gateways.map((gateway) => [gateway, Infinity]));
    for (let round = 0; round < ROUNDS; round++)
      for (const gateway of gateways)
        best.set(gateway, Math.min(best.get(gateway), await cost(gateway, body, perRound)));
    for (const [part, gateway] of Object.entries(ours)) judge(part, name, best.get(gateway), best.get(peer));
  }
  for (const [part, gateway] of Object.entries({ ...ours, '@apollo/gateway': peer }))
    console.log(`memory, ${part}: ${(await usage(gateway)).residentMib} MiB`);
  collector.close();
  if (collector.bytes() === 0) throw new Error('no trace has come');
} finally {
  agent.destroy();
  for (const child of children) child.kill();
}

/** Takes whatever traces it is sent. */
async function startCollector() {
  let bytes = 0;
  const server = http.createServer((request, response) => {
    request.on('data', (chunk) => (bytes += chunk.length));
    request.on('end', () => response.end('{}'));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  return { url, bytes: () => bytes, close: () => void server.close() };
}

function judge(part, name, cost, peerCost) {
  const ratio = cost / peerCost;
  const bar = bars[part][name];
  const verdict = bar === undefined ? '' : `(bar ${bar} ×) ${ratio <= bar ? 'ok' : 'MISSED'}`;
  console.log(
    `CPU, ${part}, ${name}: ${cost.toFixed(2)} ms against ${peerCost.toFixed(2)} ms of @apollo/gateway = ${ratio.toFixed(3)} × ${verdict}`,
  );
  if (ratio > bar) process.exitCode = 1;
}
