// The processes of docker-compose.yml on PostgreSQL, Kafka and the development cluster: how soon all are ready, and what each
// takes when nobody asks. The planner's process counts as the gateway's.
import { setTimeout as pause } from 'node:timers/promises';
import { createDisposables } from '../../dist/platform/disposables.js';
import { startInstallation } from '../../dist/test/engines/installation.js';
import { startKafka } from '../../dist/test/engines/kafka.js';
import { startPostgres } from '../../dist/test/engines/postgres.js';
import { residentMib } from '../memory.mjs';

const RESIDENT_MIB_MAX = 250;
const REST_MS = 20_000;

const opened = createDisposables();
try {
  const postgres = opened.use(await startPostgres());
  const started = performance.now();
  const kafka = opened.use(await startKafka());
  const engines = { postgres: `127.0.0.1:${postgres.port}`, kafka: kafka.brokers };
  const { processes } = opened.use(await startInstallation({ engines }));
  console.log(`all processes ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  await pause(REST_MS);
  for (const { name, pid } of processes.values()) report(name, Math.round(residentMib(pid)));
} finally {
  await opened[Symbol.asyncDispose]();
}

function report(name, mib) {
  const isOver = mib > RESIDENT_MIB_MAX;
  console.log(`memory at rest, ${name}: ${mib} MiB (bar ≤ ${RESIDENT_MIB_MAX}) ${isOver ? 'MISSED' : 'ok'}`);
  if (isOver) process.exitCode = 1;
}
