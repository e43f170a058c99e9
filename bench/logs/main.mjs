// Logs: a job's log of many megabytes, stored and then read from its start, on PGlite in a folder. What counts is how much
// memory the reading takes: it must not grow with the log. MEGABYTES says how long the log is, 200 without it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../dist/platform/database/database.js';
import { createJobTails } from '../../dist/subgraphs/resources/logs/jobTails.js';
import { createLogRepository } from '../../dist/subgraphs/resources/logs/log.repository.js';
import { createLogWriter } from '../../dist/subgraphs/resources/logs/logWriter.js';
import { LOG_START } from '../../dist/subgraphs/resources/logs/position.js';
import { readLog } from '../../dist/subgraphs/resources/logs/readLog.js';

const MEGABYTE = 1_000_000;
const MEGABYTES = Number(process.env.MEGABYTES ?? 200);
/** What waits to be collected as garbage. All lines of 200 MB at once would take almost 1,000. */
const GROWTH_MAX_MB = 128;
const BATCH = 200;
const jobId = 'job_1';
const pod = { jobId, podUid: 'pod-1', attempt: 1, pod: 0 };

const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-logs-'));
const database = await openDatabase({ url: `pglite:${folder}` });
const onError = (error) => console.error(error);
const store = createLogRepository(database.prisma);
const tails = createJobTails({ store, onError });
const writer = createLogWriter({ store, tails, onError });
await database.prisma.knownJob.create({ data: { id: jobId, projectId: 'vision' } });

/** A line as a training prints it, which compresses as such lines do. */
const textOf = (n) =>
  `step ${n} loss ${(9 * Math.exp(-n / 1e6) + Math.random()).toFixed(4)} tokens/s ${82_000 + Math.floor(Math.random() * 4_000)} grad_norm ${Math.random().toFixed(3)}`;
const megabytesPerSecond = (bytes, sinceMs) =>
  (bytes / MEGABYTE / ((performance.now() - sinceMs) / 1_000)).toFixed(1);

let started = performance.now();
const log = await writer.begin(pod);
const { source } = await log.open(pod);
let written = 0;
let lines = 0;
while (written < MEGABYTES * MEGABYTE) {
  const at = `${new Date(1_700_000_000_000 + lines).toISOString().slice(0, -1)}000000Z`;
  const batch = Array.from({ length: BATCH }, (_, n) => ({
    source,
    at,
    text: textOf(lines + n),
    isNotice: false,
  }));
  lines += BATCH;
  written += batch.reduce((sum, { text }) => sum + text.length + 1, 0);
  await log.add(source, batch, { at, count: BATCH, newest: at });
}
await log.end(source, null);
await writer.finish(log);
await database.prisma.knownJob.update({ where: { id: jobId }, data: { hasEnded: true } });
console.log(`stored ${MEGABYTES} MB in ${lines} lines: ${megabytesPerSecond(written, started)} MB/s`);

const memoryMb = () => {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MEGABYTE;
};
const first = memoryMb();
const samples = [];
const sampling = setInterval(() => samples.push(memoryMb()), 20);
started = performance.now();
let read = 0;
let readLines = 0;
const signal = new AbortController().signal;
for await (const frame of readLog({ store, tails, jobId, after: LOG_START, signal })) {
  readLines += frame.length;
  for (const { line } of frame) read += line.text.length + 1;
}
clearInterval(sampling);
const peak = Math.max(first, ...samples);

await writer[Symbol.asyncDispose]();
await tails[Symbol.asyncDispose]();
await database[Symbol.asyncDispose]();
await rm(folder, { recursive: true });

const kept = readLines === lines && peak - first <= GROWTH_MAX_MB;
console.log(
  `read ${readLines} lines from the start: ${megabytesPerSecond(read, started)} MB/s, memory from ${first.toFixed(0)} to at most ${peak.toFixed(0)} MB (bar + ${GROWTH_MAX_MB})`,
);
process.exitCode = kept ? 0 : 1;
