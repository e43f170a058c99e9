import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ulid } from 'ulid';
import { afterAll, expect, test, vi } from 'vitest';
import { compiledPath } from '../../platform/compiled.js';
import { buildWith } from '../../platform/disposables.js';
import { createDatabaseLease } from '../../platform/lease/databaseLease.js';
import { startPostgres } from '../engines/postgres.js';
import { createJars, JAR_TABLES } from '../testkit/jars.js';
import { databaseOn } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const TERM_MS = 3_000;
const HOURS_26_MS = 26 * 3_600_000;

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

/** A process of relayProcess.ts: what it says, and how to let it go on. */
function startRelay(url: string, context: string, heard: (first: number, last: number) => void) {
  const program = compiledPath(import.meta.url, './relayProcess.js');
  const child: ChildProcess = spawn(process.execPath, [program, url, context, String(TERM_MS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  let isHeld = false;
  const goOn = () => child.stdin?.write('\n');
  createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
    said.push(line);
    const [word, first, last] = line.split(' ');
    if (word !== 'publish') return;
    heard(Number(first), Number(last));
    if (!isHeld) goOn();
  });
  return {
    said,
    child,
    goOn,
    /** From now on it gets stuck in publishing. */
    hold: () => (isHeld = true),
    publishes: () => said.filter((line) => line.startsWith('publish')).length,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const arrange = () =>
  buildWith(async ({ use }) => {
    const database = use(await databaseOn(server.url));
    await database.asOwner(JAR_TABLES);
    const jars = createJars(database);
    const published: number[] = [];
    const start = () =>
      use(
        startRelay(database.url, jars.context, (first, last) => {
          for (let position = first; position <= last; position++) published.push(position);
        }),
      );
    const where = { name_context: { name: 'relay', context: jars.context } };
    return {
      database,
      jars,
      published,
      start,
      checkpoint: async () => {
        const stored = await database.prisma.checkpoint.findUnique({ where });
        return [Number(stored?.position ?? 0), Number(stored?.epoch ?? 0)];
      },
    };
  });

test('a leader that is paused past its lease is followed, and what it writes when it wakes changes nothing', async () => {
  await using world = await arrange();
  const { jars, published, checkpoint } = world;
  const reaches = (position: number, epoch: number) =>
    until(`term ${epoch} has relayed ${position}`, async () => {
      const [at, by] = await checkpoint();
      return at === position && by === epoch;
    });
  const id = `jar_${ulid()}`;
  const paused = world.start();
  await jars.make(id);
  // The control: while nobody is paused nothing is said twice.
  await reaches(1, 1);
  const follower = world.start();
  for (let n = 0; n < 4; n++) await jars.add(id, 1);
  await reaches(5, 1);
  expect([published, follower.said]).toEqual([[1, 2, 3, 4, 5], []]);

  paused.hold();
  const before = paused.publishes();
  await jars.add(id, 1);
  await until('the leader is publishing', () => paused.publishes() > before);
  paused.child.kill('SIGSTOP');
  for (let n = 0; n < 4; n++) await jars.add(id, 1);
  await reaches(10, 2);

  paused.child.kill('SIGCONT');
  paused.goOn();
  await until('it has tried to move the checkpoint', () => paused.said.at(-1) === 'moved 0');
  expect(await checkpoint()).toEqual([10, 2]);
  await jars.add(id, 1);
  await reaches(11, 2);
  expect([...new Set(published)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(published.filter((position) => position === 6)).toHaveLength(2);
});

test('a process whose clock is 26 hours ahead or behind neither loses a lease nor takes one', async () => {
  await using database = await databaseOn(server.url);
  const compete = async () => {
    const onError = (error: unknown) => expect.fail(String(error));
    const lease = createDatabaseLease({ database, name: 'skewed', termMs: 1_000, onError });
    await lease.start();
    return lease;
  };
  await using leader = await compete();
  await using follower = await compete();
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    for (const skewMs of [HOURS_26_MS, -HOURS_26_MS]) {
      vi.setSystemTime(performance.timeOrigin + performance.now() + skewMs);
      const begun = performance.now();
      await until('two terms could have passed', () => performance.now() > begun + 2_000);
      expect([leader.term()?.epoch, follower.term()]).toEqual([1n, null]);
    }
    await leader[Symbol.asyncDispose]();
    await until('the other leads', () => follower.term()?.epoch === 2n);
  } finally {
    vi.useRealTimers();
  }
});
