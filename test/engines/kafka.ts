import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EngineProcess, startProcess, untilReady } from './engineProcess.js';
import { freePorts } from './freePorts.js';
import { installEngines } from './install.js';

const run = promisify(execFile);

export type Kafka = {
  /** For KAFKA_BROKERS. */
  brokers: string;
  pid(): number;
  /** Ends the broker: SIGTERM cleanly, SIGKILL as in a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts a Kafka broker of its own on loopback, with an empty data folder that goes with it. It creates no topics by itself. */
export async function startKafka(): Promise<Kafka> {
  const { kafka: jars } = await installEngines();
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-kafka-'));
  const [port = 0, controller = 0] = await freePorts(2);
  const brokers = `127.0.0.1:${port}`;
  const settings = join(folder, 'server.properties');
  await writeFile(settings, toProperties(port, controller, join(folder, 'log')));
  const classes = ['-cp', join(jars, '*')];
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', CLUSTER_ID, '-c', settings];
  await run('java', [...QUICK_START, ...classes, ...format]);

  let broker: EngineProcess;
  const start = async () => {
    const options = [...QUICK_START, '-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
    broker = startProcess('kafka', 'java', [...options, ...classes, 'kafka.Kafka', settings], folder);
    await untilReady([broker], () => isServing(brokers));
  };
  await start();
  return {
    brokers,
    pid: () => broker.pid,
    stop: (signal = 'SIGTERM') => broker.stop(signal),
    start,
    async [Symbol.asyncDispose]() {
      await broker.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const CLUSTER_ID = 'ZmxlZXRncmFwaC10ZXN0cw';

/** A broker of a test lives for seconds: it is not worth to compile or to collect it well. */
const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Whether the broker is in the list that it gives to clients: it answers before it serves. */
async function isServing(brokers: string): Promise<boolean> {
  const { stdout } = await run('kcat', ['-L', '-J', '-m', '2', '-b', brokers]);
  return (JSON.parse(stdout) as { brokers: unknown[] }).brokers.length > 0;
}

const toProperties = (port: number, controller: number, data: string): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    // The controller does not let a killed broker serve again before it has given the old one up.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
