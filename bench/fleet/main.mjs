// The whole of Fleetgraph in one process on its embedded parts, from outside: how soon it answers, what it takes when
// nobody asks, what a command takes, how soon others hear of it; and what a list costs in statements.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signIn } from './client.mjs';
import { startFleetgraph } from './process.mjs';
import { countPageStatements } from './statements.mjs';

const BAR = { startMs: 10_000, stopMs: 5_000, residentMib: 700, commandMs: 25, frameMs: 25 };
const WARM_UP = 30;
const COMMANDS = 200;
const LIVES = 8;
const IDLE_MS = 20_000;
const DEADLINE_MS = 60_000;

let missed = 0;

function report(what, value, unit, bar) {
  const verdict = bar === undefined ? '' : ` (bar ≤ ${bar} ${unit}) ${value <= bar ? 'ok' : 'MISSED'}`;
  console.log(`${what}: ${Number(value.toPrecision(3))} ${unit}${verdict}`);
  if (value > bar) missed++;
}

const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];

async function benchStart(folder) {
  const first = await startFleetgraph(folder);
  report('npm start on an empty folder to the first answer', first.firstAnswerMs, 'ms', BAR.startMs);
  report('SIGTERM to the end', await first.stop(), 'ms', BAR.stopMs);
  const second = await startFleetgraph(folder);
  report('npm start again to the first answer', second.firstAnswerMs, 'ms', BAR.startMs);
  await pause(IDLE_MS);
  report('idle memory, all processes', second.residentMib(), 'MiB', BAR.residentMib);
  return second;
}

const REGISTER = `mutation ($input: RegisterModelInput!) { registerModel(input: $input) { eventId model { id } } }`;

/** Commands one after the other, each of its own key and about a new thing. */
async function benchCommands(researcher, projectId) {
  const took = [];
  for (let n = 0; n < WARM_UP + COMMANDS; n++) {
    const idempotencyKey = randomUUID();
    const asked = performance.now();
    await researcher.send(REGISTER, {
      input: { idempotencyKey, projectId, name: `model-${n}`, task: 'detection' },
    });
    if (n >= WARM_UP) took.push(performance.now() - asked);
  }
  report('command through the gateway, one caller, p50', percentile(took, 0.5), 'ms', BAR.commandMs);
  report('command through the gateway, one caller, p99', percentile(took, 0.99), 'ms');
}

const REQUEST = `mutation ($input: RequestInstanceInput!) { requestInstance(input: $input) { instance { id } } }`;
const TERMINATE = `mutation ($input: InstanceCommandInput!) { terminateInstance(input: $input) { eventId } }`;
const EVENTS = `subscription ($id: ID!) { instanceEvents(id: $id) { type at instance { id state } } }`;

/**
 * Lives of instances, one after the other, and how long after its time each event is a frame here. An event's time is
 * that of its command, before the transaction: the delay from the commit is shorter.
 */
async function benchFrames(researcher, projectId) {
  const delays = [];
  const states = new Map();
  let heard = () => {};
  const watch = (id) =>
    researcher.listen(EVENTS, { id }, ({ instanceEvents: { type, at, instance } }) => {
      if (type !== 'SNAPSHOT') delays.push(Date.now() - Date.parse(at));
      states.set(instance.id, instance.state);
      heard();
    });
  const untilState = async (id, state) => {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (states.get(id) !== state) {
      deadline.throwIfAborted();
      await new Promise((resolve) => {
        heard = resolve;
        deadline.addEventListener('abort', resolve, { once: true });
      });
    }
  };
  const requests = [];
  for (let n = 0; n < LIVES; n++) {
    const gpu = { modelIn: ['h100-sxm5-80gb'], count: 1 };
    const request = { projectId, name: `life-${randomUUID()}`, image: 'bench', gpu };
    const asked = performance.now();
    const { requestInstance } = await researcher.send(REQUEST, {
      input: { idempotencyKey: randomUUID(), request },
    });
    requests.push(performance.now() - asked);
    const { id } = requestInstance.instance;
    const stop = watch(id);
    await untilState(id, 'RUNNING');
    await researcher.send(TERMINATE, { input: { idempotencyKey: randomUUID(), id } });
    await untilState(id, 'TERMINATED');
    stop();
    if (n === 0) delays.length = 0; // Plans and code are warm now.
  }
  report('request of an instance (with its hold of money), p50', percentile(requests, 0.5), 'ms');
  report(`command → WebSocket frame, idle, p50 of ${delays.length}`, percentile(delays, 0.5), 'ms');
  report(
    `command → WebSocket frame, idle, p99 of ${delays.length}`,
    percentile(delays, 0.99),
    'ms',
    BAR.frameMs,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-bench-'));
try {
  const fleet = await benchStart(join(folder, 'run'));
  try {
    const researcher = await signIn(fleet, 'vision-researcher');
    const { me } = await researcher.send('{ me { projects(first: 1) { edges { node { id } } } } }');
    const projectId = me.projects.edges[0].node.id;
    await benchFrames(researcher, projectId);
    await benchCommands(researcher, projectId);
  } finally {
    await fleet.stop();
  }
  const { one, many, instances } = await countPageStatements(join(folder, 'statements'));
  console.log(
    `SQL statements of one instance's page in a list: ${one}; of ${instances}: ${many} (bar: the same) ${one === many ? 'ok' : 'MISSED'}`,
  );
  if (one !== many) missed++;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
