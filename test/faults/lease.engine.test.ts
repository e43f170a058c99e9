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

const TERM_MS = 4_000;
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
    const { checkpoint, lease } = database.prisma;
    const where = { name_context: { name: 'relay', context: jars.context } };
    const read = () => checkpoint.findUnique({ where });
    return {
      jars,
      published,
      start,
      read,
      /** Waits until so much is relayed, and answers in which term. */
      async reaches(position: bigint): Promise<bigint> {
        await until(`${position} is relayed`, async () => (await read())?.position === position);
        return (await read())?.epoch ?? 0n;
      },
      async isLeading({ child }: ReturnType<typeof start>): Promise<boolean> {
        const { holder } = await lease.findUniqueOrThrow({ where: { name: `${jars.context}.relay` } });
        return holder.includes(`:${child.pid}:`);
      },
    };
  });

test('a leader that is paused past its lease is followed, and what it writes when it wakes changes nothing', async () => {
  await using world = await arrange();
  const { jars, published, read, reaches } = world;
  const id = `jar_${ulid()}`;
  const relays = [world.start(), world.start()] as const;
  await jars.make(id);
  for (let n = 0; n < 4; n++) await jars.add(id, 1);
  // The control: while nobody is paused all goes on in one term after the other, and nothing is refused.
  const term = await reaches(5n);
  expect(relays.flatMap(({ said }) => said)).not.toContain('moved 0');

  const [paused] = (await world.isLeading(relays[0])) ? relays : [relays[1]];
  paused.hold();
  const before = paused.publishes();
  await jars.add(id, 1);
  await until('the leader is publishing', () => paused.publishes() > before);
  paused.child.kill('SIGSTOP');
  for (let n = 0; n < 4; n++) await jars.add(id, 1);
  expect(await reaches(10n)).toBeGreaterThan(term);

  const followed = await read();
  paused.child.kill('SIGCONT');
  paused.goOn();
  await until('it has tried to move the checkpoint', () => paused.said.at(-1) === 'moved 0');
  expect(await read()).toEqual(followed);
  expect([...new Set(published)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(published.filter((position) => position === 6).length).toBeGreaterThan(1);
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
