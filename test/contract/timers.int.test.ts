import { afterAll, expect, test } from 'vitest';
import { type DueTimer, runTimers } from '../../platform/saga/timers.js';
import { commandOf, createJars, jarDatabase } from '../testkit/jars.js';
import { leading } from '../testkit/leading.js';
import { until } from '../testkit/until.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

function arrange(handle: (timer: DueTimer) => Promise<void> = () => Promise.resolve()) {
  const { context, commands } = createJars(database);
  const fired: { key: string; payload: unknown; lateMs: number }[] = [];
  const errors: unknown[] = [];
  return {
    fired,
    errors,
    /** Sets timers in one command, due so long after its time. */
    set: (timers: Record<string, number>, payload: object = {}) =>
      commands.execute(commandOf('set', {}), async (unit) => {
        for (const [key, inMs] of Object.entries(timers))
          await unit.setTimer('ring', key, new Date(unit.now.getTime() + inMs), payload);
      }),
    clear: (key: string) => commands.execute(commandOf('clear', {}), (unit) => unit.clearTimer('ring', key)),
    run: () =>
      runTimers({
        database,
        context,
        lease: leading,
        pollMs: 10,
        onError: (error) => errors.push(error),
        handlers: {
          ring: async (timer) => {
            const { key, payload, dueAt } = timer;
            fired.push({ key, payload, lateMs: Date.now() - dueAt.getTime() });
            await handle(timer);
          },
        },
      }),
    stored: () => database.prisma.timer.count({ where: { context } }),
    keys: () => fired.map(({ key }) => key),
  };
}

test('timers ring in the order of their deadlines, never early, and are gone then', async () => {
  const world = arrange();
  await using _running = world.run();
  await world.set({ later: 250, soon: 120 }, { why: 'test' });
  await until('both have rung', () => world.fired.length === 2);
  expect(world.keys()).toEqual(['soon', 'later']);
  expect(world.fired[0]?.payload).toEqual({ why: 'test' });
  // The database runs on this machine, so its clock is ours.
  for (const { lateMs } of world.fired) expect(lateMs).toBeGreaterThanOrEqual(0);
  await until('none is stored', async () => (await world.stored()) === 0);
});

test('a deadline that passes while nobody runs is kept at the next start', async () => {
  const world = arrange();
  await world.set({ missed: 0, ahead: 60_000 });
  await using _running = world.run();
  await until('it has rung', () => world.fired.length === 1);
  expect(world.keys()).toEqual(['missed']);
  await until('only the other is stored', async () => (await world.stored()) === 1);
});

test('a timer that is set again moves, and one that is cleared never rings', async () => {
  const world = arrange();
  await world.set({ moved: 60_000, cleared: 0, mark: 0 });
  await world.set({ moved: 0 });
  await world.clear('cleared');
  await using _running = world.run();
  await until('what is due has rung', () => world.fired.length === 2);
  expect(world.keys().sort()).toEqual(['mark', 'moved']);
  await until('none is stored', async () => (await world.stored()) === 0);
});

test('a timer whose handler fails is reported and rings again; the others do not wait for it', async () => {
  let failures = 2;
  const world = arrange(({ key }) => {
    if (key === 'sick' && failures-- > 0) throw new Error('no');
    return Promise.resolve();
  });
  await world.set({ sick: 0, well: 1 });
  await using _running = world.run();
  await until('none is stored', async () => (await world.stored()) === 0);
  expect(world.keys().filter((key) => key === 'sick')).toHaveLength(3);
  expect(world.keys().filter((key) => key === 'well')).toHaveLength(1);
  expect(world.errors).toHaveLength(2);
});

test('more failing timers than fit in one look do not starve the ones behind them', async () => {
  const world = arrange(({ key }) => (key === 'well' ? Promise.resolve() : Promise.reject(new Error('no'))));
  await world.set(Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`sick_${n}`, 0])));
  await world.set({ well: 5 });
  await using _running = world.run();
  await until('it has rung', () => world.keys().includes('well'));
});

test('a timer that its handler sets again rings again', async () => {
  const world = arrange(async ({ key }) => {
    if (world.fired.length < 3) await world.set({ [key]: 1 });
  });
  await world.set({ pulse: 0 });
  await using _running = world.run();
  await until('it has rung three times', () => world.fired.length === 3);
  await until('none is stored', async () => (await world.stored()) === 0);
});
