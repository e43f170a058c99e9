import { expect, test } from 'vitest';
import type { Database } from '../../../platform/database/database.js';
import { buildWith } from '../../../platform/disposables.js';
import { randomsOf } from '../../../test/testkit/randoms.js';
import { type TestDatabase, testDatabase } from '../../../test/testkit/testDatabase.js';
import { until } from '../../../test/testkit/until.js';
import { createJobTails } from './jobTails.js';
import { createLogRepository, type StoredStream } from './log.repository.js';
import type { LogLine } from './logLine.js';
import { createLogWriter, type JobLog, type LogWriter } from './logWriter.js';
import { decodePosition, encodePosition, LOG_START, type LogPosition } from './position.js';
import { type PlacedLine, readLog } from './readLog.js';

const JOB = 'job_1';
const CUTS = 200;

/** A process that reads, and may write, logs in a database that several share. */
const createProcess = ({ prisma }: Database, storeEveryMs = 20) =>
  buildWith(async ({ use }) => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const store = createLogRepository(prisma);
    const tails = use(createJobTails({ store, onError, pollMs: 20 }));
    const writer = use(createLogWriter({ store, tails, onError, storeEveryMs }));
    return {
      store,
      tails,
      writer,
      errors,
      read: (after: LogPosition, signal: AbortSignal) => readLog({ store, tails, jobId: JOB, after, signal }),
    };
  });

type Process = Awaited<ReturnType<typeof createProcess>>;

async function arrange(): Promise<TestDatabase> {
  const database = await testDatabase();
  await database.prisma.knownJob.create({ data: { id: JOB, projectId: 'vision' } });
  return database;
}

const podOf = (pod: number, attempt = 1) => ({ jobId: JOB, podUid: `pod-${attempt}-${pod}`, attempt, pod });
const atOf = (n: number) => `${new Date(1_700_000_000_000 + n).toISOString().slice(0, -1)}000000Z`;

/** Prints the next lines of a pod, numbered from where its log is stored to. */
function createPrinter(log: JobLog, { source, resume }: StoredStream) {
  let printed = resume?.count ?? 0;
  return async (count: number): Promise<number> => {
    const lines = Array.from({ length: count }, (_, n): LogLine => {
      const number = printed + n + 1;
      return { source, at: atOf(number), text: `${source.pod}: ${number}`, isNotice: false };
    });
    printed += count;
    // How many lines were read stands for the place in the pod's log.
    await log.add(source, lines, { at: atOf(printed), count: printed, newest: atOf(printed) });
    return printed;
  };
}

async function startPods(writer: LogWriter, pods: readonly number[], attempt = 1) {
  const log = await writer.begin(podOf(pods[0] ?? 0, attempt));
  const streams = await Promise.all(pods.map((pod) => log.open(podOf(pod, attempt))));
  const print = new Map(streams.map((stream) => [stream.source.pod, createPrinter(log, stream)]));
  const end = () => Promise.all(streams.map(({ source, resume }) => log.end(source, resume)));
  return { log, end, print: async (pod: number, count: number) => (await print.get(pod)?.(count)) ?? 0 };
}

/** Reads a log to its end, over connections that are cut after so many lines, each opened with the last cursor. */
async function readAll(process: Process, linesUntilCut: () => number): Promise<string[]> {
  const texts: string[] = [];
  let cursor: string | null = null;
  for (let isOver = false; !isOver;) {
    const cut = new AbortController();
    const after: LogPosition = cursor === null ? LOG_START : decodePosition(JOB, cursor);
    const left = linesUntilCut();
    let read = 0;
    isOver = true;
    for await (const frame of process.read(after, cut.signal)) {
      for (const { line, position } of frame.slice(0, left - read)) {
        texts.push(line.text);
        cursor = encodePosition(JOB, position);
        read += 1;
      }
      if (read < left) continue;
      isOver = false;
      cut.abort();
      await new Promise(setImmediate);
    }
  }
  return texts;
}

const ofPod = (texts: readonly string[], pod: number) =>
  texts.filter((text) => text.startsWith(`${pod}:`)).map((text) => Number(text.split(': ')[1]));
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

const endJob = ({ prisma }: Database) =>
  prisma.knownJob.update({ where: { id: JOB }, data: { hasEnded: true } });

test(`readers that are cut ${CUTS} times, here and in another process, see every line once and in order`, async () => {
  await using database = await arrange();
  await using leader = await createProcess(database);
  await using replica = await createProcess(database);
  const randoms = randomsOf();
  const pods = [0, 1, 2];
  const { print, end } = await startPods(leader.writer, pods);
  const often = () => 1 + randoms.below(20);
  const readers = [readAll(leader, often), readAll(leader, () => 100_000), readAll(replica, often)];
  for (let n = 0; n < CUTS; n += 1) {
    await print(randoms.below(pods.length), 1 + randoms.below(25));
    if (n % 10 === 0) await new Promise(setImmediate);
  }
  await end();
  await endJob(database);
  const [here, ...others] = await Promise.all(readers);
  const stored = await readAll(replica, () => 100_000);
  const counts = pods.map((pod) => ofPod(stored, pod).length);
  expect(stored.length).toBeGreaterThan(CUTS);
  for (const texts of [here ?? [], ...others, stored])
    for (const pod of pods)
      expect({ seed: randoms.seed, read: ofPod(texts, pod) }).toEqual({
        seed: randoms.seed,
        read: upTo(counts[pod] ?? 0),
      });
  expect(others).toEqual([stored, stored]);
});

test('when a leader dies with lines that it had shown but not stored, those who saw them lose and repeat none', async () => {
  await using database = await arrange();
  const randoms = randomsOf();
  const pods = [0, 1];
  const seen: string[] = [];
  let after = LOG_START;
  for (let term = 0; term < 15; term += 1) {
    // It stores when it is told to, and never by itself.
    const leader = await createProcess(database, 3_600_000);
    const { log, print } = await startPods(leader.writer, pods);
    const printed = new Map<number, number>();
    for (let n = 0; n < 5; n += 1) {
      const pod = randoms.below(pods.length);
      printed.set(pod, await print(pod, 1 + randoms.below(6)));
    }
    const fresh = pods.map((pod) => Math.max(0, (printed.get(pod) ?? 0) - ofPod(seen, pod).length));
    const wanted = randoms.below(1 + (fresh[0] ?? 0) + (fresh[1] ?? 0));
    for (const { line, position } of await take(leader, after, wanted)) {
      seen.push(line.text);
      // What clients hand back, not what we hold.
      after = decodePosition(JOB, encodePosition(JOB, position));
    }
    if (term % 3 === 0) await leader.writer.finish(log);
    // Killed: what is not stored is gone with it.
    await leader.tails[Symbol.asyncDispose]();
  }
  expect(seen.length).toBeGreaterThan(20);
  for (const pod of pods)
    expect({ seed: randoms.seed, read: ofPod(seen, pod) }).toEqual({
      seed: randoms.seed,
      read: upTo(ofPod(seen, pod).length),
    });
});

test('of two that write one log only the one that goes on where it is stored to succeeds', async () => {
  await using database = await arrange();
  await using paused = await createProcess(database, 3_600_000);
  await using leader = await createProcess(database);
  const old = await startPods(paused.writer, [0]);
  const older = await startPods(paused.writer, [0]);
  const current = await startPods(leader.writer, [0]);
  await current.print(0, 5);
  await current.end();
  // One with lines, and one with the end of the pod's log alone.
  await old.print(0, 3);
  await paused.writer.finish(old.log);
  await older.end();
  expect([old, older].map(({ log }) => log.lost.aborted)).toEqual([true, true]);
  expect(paused.errors).toEqual([]);
  await endJob(database);
  expect(await readAll(paused, () => 100_000)).toEqual(upTo(5).map((n) => `0: ${n}`));
});

test('a reader that does not read makes nobody wait, and takes no memory for what it has not read', async () => {
  await using database = await arrange();
  await using leader = await createProcess(database);
  const { print, end } = await startPods(leader.writer, [0]);
  const stop = new AbortController();
  const slow = leader.read(LOG_START, stop.signal);
  await print(0, 1);
  expect((await slow.next()).value).toHaveLength(1);
  for (let n = 0; n < 40; n += 1) await print(0, 1_000);
  await end();
  await endJob(database);
  const { tail, release } = leader.tails.acquire(JOB);
  expect(tail.end).toBe(40_001);
  expect(tail.end - tail.start).toBeLessThan(5_000);
  release();
  const texts: string[] = ['0: 1'];
  for await (const frame of slow) texts.push(...frame.map(({ line }) => line.text));
  expect(ofPod(texts, 0)).toEqual(upTo(40_001));
});

test('attempts follow each other in one log, and it ends with the job', async () => {
  await using database = await arrange();
  await using leader = await createProcess(database);
  await using replica = await createProcess(database);
  const reading = [readAll(leader, () => 3), readAll(replica, () => 100_000)];
  for (const attempt of [1, 2, 3]) {
    const { log, print, end } = await startPods(leader.writer, [0], attempt);
    await print(0, 4);
    await end();
    await leader.writer.finish(log);
  }
  await endJob(database);
  const texts = [1, 2, 3].flatMap(() => upTo(4).map((n) => `0: ${n}`));
  expect(await Promise.all(reading)).toEqual([texts, texts]);
  const frames = await take(replica, LOG_START, 12);
  expect(frames.map(({ line }) => line.source.attempt)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
});

test('a log outlives an outage of the database, which is told, and nothing of it is lost', async () => {
  await using database = await arrange();
  await using leader = await createProcess(database);
  const { print, end } = await startPods(leader.writer, [0]);
  await database.asOwner(`ALTER TABLE logs.log_chunk RENAME TO log_chunk_away`);
  await print(0, 10);
  await until('it is told', () => leader.errors.length > 0);
  expect(await take(leader, LOG_START, 10)).toHaveLength(10);
  await database.asOwner(`ALTER TABLE logs.log_chunk_away RENAME TO log_chunk`);
  await print(0, 10);
  await end();
  await endJob(database);
  expect(ofPod(await readAll(leader, () => 7), 0)).toEqual(upTo(20));
});

test('what was stored long ago is forgotten, and a reader who would go on there is told', async () => {
  await using database = await arrange();
  await using leader = await createProcess(database);
  const first = await startPods(leader.writer, [0], 1);
  await first.print(0, 5);
  await first.end();
  const [third] = (await take(leader, LOG_START, 3)).slice(-1);
  await leader.store.expire(new Date(Date.now() + 60_000));
  const second = await startPods(leader.writer, [0], 2);
  await second.print(0, 2);
  await second.end();
  await endJob(database);
  expect(await leader.store.kept(JOB)).toEqual({ first: 5, next: 7 });
  await expect(take(leader, third?.position ?? LOG_START, 1)).rejects.toMatchObject({
    extensions: { code: 'CURSOR_EXPIRED' },
  });
  expect(await take(leader, { offset: 5, ahead: new Map() }, 2)).toHaveLength(2);
});

async function take(process: Process, after: LogPosition, count: number): Promise<PlacedLine[]> {
  const stop = new AbortController();
  const lines: PlacedLine[] = [];
  if (count === 0) return lines;
  for await (const frame of process.read(after, stop.signal)) {
    lines.push(...frame);
    if (lines.length >= count) break;
  }
  return lines.slice(0, count);
}
