import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { demoNodes, toNode } from '../../embedded/cluster/demoNodes.js';
import { demoUsers } from '../../embedded/issuer/demoUsers.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { compiledPath } from '../../platform/compiled.js';
import { createDisposables } from '../../platform/disposables.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { nodes } from '../../platform/kubernetes/kinds.js';
import { startInstallation } from './installation.js';
import { startKafka } from './kafka.js';
import { startKubernetes } from './kubernetes.js';
import { startPostgres } from './postgres.js';

// What `npm run start:engines` is about: PostgreSQL, Kafka, a Kubernetes control plane with simulated GPU machines, and Fleetgraph's
// processes as docker-compose.yml has them, on a machine without containers. All of it is new, and goes with Ctrl+C.
const TOKEN_USER = 'vision-researcher';

const opened = createDisposables();
const stopAsked = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopAsked.abort());
const asked = once(stopAsked.signal, 'abort');

try {
  await Promise.race([start(), asked]);
  await asked;
  console.log('\nStopping …');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await opened[Symbol.asyncDispose]();
}

async function start(): Promise<void> {
  console.log('Starting what docker-compose.yml names, without containers:');
  const postgres = opened.use(await startPostgres());
  say('postgres', postgres.url);
  const kafka = opened.use(await startKafka());
  say('kafka', kafka.brokers);
  const kubernetes = opened.use(await startKubernetes());
  await addMachines(kubernetes.kubeconfig);
  say('kubernetes', `${kubernetes.url}, with ${demoNodes.length} simulated machines`);
  await loadDemo(postgres.url);

  const installation = opened.use(
    await startInstallation({
      engines: { postgres: `127.0.0.1:${postgres.port}`, kafka: kafka.brokers },
      without: ['cluster'],
      files: { 'cluster/kubeconfig': kubernetes.kubeconfig },
      ports: 'same',
      onHealthy: say,
    }),
  );
  const kubeconfig = installation.environments.get('resources')?.['FLEETGRAPH_KUBECONFIG'];
  console.log(
    [
      '',
      `Fleetgraph is ready: ${installation.url}/graphql`,
      `  kubectl --kubeconfig ${kubeconfig} get pods -A`,
      `  psql ${postgres.url}`,
      '',
      `Users (no passwords): ${demoUsers.map(({ username }) => username).join(', ')}`,
      `A token of ${TOKEN_USER}, for one hour (npm run --silent token -- <user> gives others):`,
      await developmentToken(installation.issuer, TOKEN_USER),
      '',
      'The whole journey in a minute, from another terminal: npm run demo',
      'Stop with Ctrl+C. Everything goes with it.',
    ].join('\n'),
  );
}

function say(name: string, where: string): void {
  console.log(`  ${name.padEnd(12)}${where}`);
}

async function addMachines(kubeconfig: string): Promise<void> {
  await using cluster = connectCluster({ kubeconfig, fieldManager: 'kubelet' });
  for (const node of demoNodes) await cluster.create(nodes, toNode(node));
}

/** Before anybody serves it. */
async function loadDemo(databaseUrl: string): Promise<void> {
  const program = compiledPath(import.meta.url, '../../fleet/seedMain.js');
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('The demo world could not be loaded');
}
