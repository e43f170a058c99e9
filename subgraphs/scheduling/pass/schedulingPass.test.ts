import { expect, test } from 'vitest';
import { A100, createPassWorld, H100, type PassWorld } from './pass.fixture.js';

/** Two projects below `lab`, and two nodes of eight H100s. */
function lab(): PassWorld {
  const world = createPassWorld();
  world.project('lab');
  world.project('vision', 'lab');
  world.project('speech', 'lab');
  world.quota('lab', 16);
  world.quota('vision', 16);
  world.quota('speech', 16);
  world.cluster('ONLINE');
  world.node('n1');
  world.node('n2');
  return world;
}

test('the highest priority starts first, then who was submitted first', () => {
  const world = lab();
  world.quota('vision', 2);
  const [late, early, urgent] = [
    world.submit({ projectId: 'vision' }),
    world.submit({ projectId: 'vision' }),
    world.submit({ projectId: 'vision', priority: 5 }),
  ];
  expect(world.start()).toEqual([urgent, late]);
  expect(world.pass.queuePosition(early)).toBe(1);
});

test('a blocked head does not stop a smaller job behind it', () => {
  const world = lab();
  world.occupy('vision', 12);
  const [large, small] = [
    world.submit({ projectId: 'vision', count: 8 }),
    world.submit({ projectId: 'vision', count: 2 }),
  ];
  expect(world.start()).toEqual([small]);
  expect(world.codes(large)).toEqual(['QUOTA', 'QUOTA', 'CAPACITY']);
});

test('projects take turns by how much of their own they use', () => {
  const world = lab();
  world.quota('vision', 8);
  const vision = Array.from({ length: 8 }, () => world.submit({ projectId: 'vision', count: 2 }));
  const speech = Array.from({ length: 8 }, () => world.submit({ projectId: 'speech', count: 2 }));
  const started = world.start();
  // 16 devices: speech may have twice as many as vision, and gets them.
  expect(started.filter((id) => vision.includes(id))).toHaveLength(3);
  expect(started.filter((id) => speech.includes(id))).toHaveLength(5);
});

test('a gang gets all of its devices or none', () => {
  const world = lab();
  world.node('n3');
  world.quota('lab', 24);
  world.quota('vision', 24);
  const [blocker] = world.occupy('vision', 1);
  const gang = world.submit({ projectId: 'vision', count: 24 });
  expect(world.start()).toEqual([]);
  expect(world.codes(gang)).toEqual(['QUOTA', 'QUOTA', 'CAPACITY']);
  world.giveBack(blocker as string);
  expect(world.start()).toEqual([gang]);
});

test('the first model that fits is taken', () => {
  const world = lab();
  for (const project of ['lab', 'vision']) world.quota(project, 8, A100);
  world.node('a1', 8, A100);
  world.occupy('speech', 16);
  const job = world.submit({ projectId: 'vision', count: 4, modelIn: [H100, A100] });
  expect(world.start()).toEqual([job]);
  expect(world.pass.jobs().get(job)?.gpuModelId).toBe(A100);
});

test('what was promised and not given yet is not promised again', () => {
  const world = lab();
  const jobs = Array.from({ length: 3 }, () => world.submit({ projectId: 'vision', count: 8 }));
  const first = world.pass.run(world.clock.now).picks;
  expect(first.map(({ jobId }) => jobId)).toEqual(jobs.slice(0, 2));
  expect(world.pass.run(world.clock.now).picks).toEqual([]);
  expect(world.codes(jobs[2] as string)).toEqual(['QUOTA', 'QUOTA', 'CAPACITY']);
  for (const pick of first) world.reserve(pick);
  expect(world.pass.run(world.clock.now).picks).toEqual([]);
  // Resources refuse one: its devices are there for the next.
  world.requeue(first[0]?.jobId as string, world.clock.now + 60_000);
  expect(world.pass.run(world.clock.now).picks.map(({ jobId }) => jobId)).toEqual([jobs[2]]);
});

test('a job that is held back is not tried before its time, and says so', () => {
  const world = lab();
  const job = world.submit({ projectId: 'vision', notBefore: world.clock.now + 1_000 });
  expect(world.pass.run(world.clock.now)).toMatchObject({ picks: [], nextAt: world.clock.now + 1_000 });
  expect(world.codes(job)).toEqual(['HELD']);
  expect(world.pass.queuePosition(job)).toBe(1);
  world.clock.now += 1_000;
  expect(world.start()).toEqual([job]);
});

test('a job that cannot be paid for waits until billing says that there is money again', () => {
  const world = lab();
  const budget = {
    id: 'budget_1',
    projectId: 'lab',
    period: 'MONTH',
    amount: '10',
    currency: 'USD',
  } as const;
  world.tell('billing', 'budget_1', { type: 'BudgetCreated', data: { ...budget, thresholds: [] } });
  const job = world.submit({ projectId: 'vision' });
  const { pass, clock } = world;
  const [pick] = pass.run(clock.now).picks;
  if (!pick) throw new Error('nothing was picked');
  const shortage = { need: '3', free: '1', currency: 'USD', budgetId: 'budget_1' };
  pass.answer(pick, { outcome: 'BUDGET', ...shortage }, clock.now);
  const book = { id: 'book', version: 'v1', currency: 'USD', effectiveFrom: '', source: '', isExample: true };
  const rates = [{ gpuModelId: H100, perHour: '3' }];
  world.tell('billing', 'book', { type: 'PriceBookCreated', data: { ...book, rates } });
  const inForceFrom = new Date(clock.now).toISOString();
  world.tell('billing', 'book', { type: 'PriceBookActivated', data: { id: 'book', inForceFrom } });
  expect(pass.run(clock.now).picks).toEqual([]);
  expect(pass.blockers(job)).toMatchObject([
    { code: 'BUDGET', need: '3', free: '1', unit: 'USD', ref: { type: 'Budget', id: 'budget_1' } },
  ]);
  const [asked] = pass.money.takeStale();
  const status = { limit: '10', spent: '2', held: '0', currency: 'USD', budgetId: 'budget_1' };
  pass.money.set(asked?.chain as string, status);
  expect(world.start()).toEqual([job]);
});

test('a reservation that could not be asked for is tried again after a while', () => {
  const world = lab();
  const job = world.submit({ projectId: 'vision' });
  const { pass, clock } = world;
  const [pick] = pass.run(clock.now).picks;
  if (!pick) throw new Error('nothing was picked');
  pass.answer(pick, { outcome: 'FAILED' }, clock.now);
  expect(pass.run(clock.now)).toMatchObject({ picks: [], nextAt: clock.now + 5_000 });
  expect(world.codes(job)).toEqual(['NOT_EVALUATED']);
  clock.now += 5_000;
  expect(world.start()).toEqual([job]);
});

test('a cluster that does not answer is in the way, and no more than that', () => {
  const world = lab();
  world.cluster('OFFLINE');
  const job = world.submit({ projectId: 'vision' });
  expect(world.start()).toEqual([]);
  expect(world.pass.blockers(job)).toMatchObject([
    { code: 'CLUSTER_OFFLINE', rank: 1, ref: { type: 'Cluster', id: 'eu-1' } },
  ]);
  world.cluster('ONLINE');
  expect(world.start()).toEqual([job]);
});

test('a blocker says since when, and goes on saying so while its numbers change', () => {
  const world = lab();
  world.quota('vision', 4);
  world.occupy('vision', 3);
  const job = world.submit({ projectId: 'vision', count: 4 });
  const queuedAt = world.clock.now;
  world.clock.now += 1_000;
  world.start();
  expect(world.pass.blockers(job)).toMatchObject([
    { code: 'QUOTA', need: '4', free: '1', since: new Date(queuedAt + 1_000).toISOString() },
  ]);
  world.clock.now += 60_000;
  world.quota('vision', 6);
  world.occupy('vision', 1);
  expect(world.pass.run(world.clock.now).decisions).toEqual([]);
  expect(world.pass.blockers(job)).toMatchObject([
    { code: 'QUOTA', need: '4', free: '2', since: new Date(queuedAt + 1_000).toISOString() },
  ]);
});

test('a blocker is told once a run has found it, so that its time never changes', () => {
  const world = lab();
  world.cluster('OFFLINE');
  const job = world.submit({ projectId: 'vision' });
  world.start();
  world.clock.now += 1_000;
  world.quota('vision', 0);
  expect(world.codes(job)).toEqual(['CLUSTER_OFFLINE']);
  world.start();
  const blockers = world.pass.blockers(job);
  expect(blockers.map(({ code }) => code)).toEqual(['QUOTA', 'CLUSTER_OFFLINE']);
  expect(blockers[0]?.since).toBe(new Date(world.clock.now).toISOString());
});

test('equal jobs cost one decision, and a run without news costs none', () => {
  const world = lab();
  world.quota('vision', 0);
  for (let count = 0; count < 500; count++) world.submit({ projectId: 'vision' });
  const { decisions } = world.pass.run(world.clock.now);
  expect(decisions).toHaveLength(1);
  expect(decisions[0]).toMatchObject({ verdict: 'WAIT', inputs: { waiting: 500 } });
  expect(world.pass.run(world.clock.now)).toMatchObject({ picks: [], decisions: [], endedIds: [] });
  world.quota('vision', 1);
  const { picks, decisions: after } = world.pass.run(world.clock.now);
  expect(picks).toHaveLength(1);
  expect(after.map(({ verdict }) => verdict)).toEqual(['START']);
});
