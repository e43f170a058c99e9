import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type NodeRoom, placeGang } from '../../../contracts/gang.js';
import type { KnownJob } from './knownJob.js';
import { hear, HEARD_CONTEXTS, type HeardEvent } from './heard.js';
import { A100, createPassWorld, H100, type observed, type PassWorld } from './pass.fixture.js';
import { createSchedulingPass, type JobPick, type SchedulingPass } from './schedulingPass.js';

const PROJECTS = ['lab', 'vision', 'speech', 'deep'];
const PARENT: Record<string, string | null> = { lab: null, vision: 'lab', speech: 'lab', deep: 'vision' };
const MODELS = [H100, A100];

/** What an observer knows who reads the events and nothing else: the simplest books there are. */
function readBooks(events: readonly HeardEvent[]) {
  const nominal = new Map<string, number>();
  const used = new Map<string, number>();
  const free = new Map<string, Map<string, NodeRoom>>();
  const open = new Map<string, { projectId: string; gpuModelId: string; nodeId: string }>();
  const usable = new Map<string, boolean>();
  for (const { type, data, streamId } of events as (HeardEvent & { data: Record<string, never> })[]) {
    if (type === 'QuotaSet') nominal.set(`${data['projectId']} ${data['gpuModelId']}`, data['nominal'] ?? 0);
    if (type === 'NodeDiscovered') usable.set(streamId, true);
    if (type === 'NodeCordoned' || type === 'NodeUncordoned') usable.set(streamId, type === 'NodeUncordoned');
    if (type === 'AllocationOpened') open.set(streamId, data as never);
    if (type === 'AllocationClosed') open.delete(streamId);
  }
  const count = (projectId: string, gpuModelId: string, by: number) => {
    for (let id: string | null = projectId; id !== null; id = PARENT[id] ?? null)
      used.set(`${id} ${gpuModelId}`, (used.get(`${id} ${gpuModelId}`) ?? 0) + by);
  };
  for (const event of events) {
    if (event.type !== 'NodeDiscovered') continue;
    const devices = (event.data as { observed: ReturnType<typeof observed> }).observed.devices;
    const gpuModelId = devices[0]?.gpuModelId ?? '';
    const rooms = free.get(gpuModelId) ?? new Map<string, NodeRoom>();
    const taken = [...open.values()].filter(({ nodeId }) => nodeId === event.streamId).length;
    const left = usable.get(event.streamId) ? devices.length - taken : 0;
    const room = { nodeId: event.streamId, clusterId: 'eu-1', present: devices.length, free: left };
    free.set(gpuModelId, rooms.set(event.streamId, room));
  }
  for (const { projectId, gpuModelId } of open.values()) count(projectId, gpuModelId, 1);
  return { nominal, used, count, rooms: (model: string) => [...(free.get(model)?.values() ?? [])] };
}

type Books = ReturnType<typeof readBooks>;

function fitsLimits({ nominal, used }: Books, job: KnownJob, gpuModelId: string): boolean {
  for (let id: string | null = job.projectId; id !== null; id = PARENT[id] ?? null) {
    const key = `${id} ${gpuModelId}`;
    if ((used.get(key) ?? 0) + job.count > (nominal.get(key) ?? 0)) return false;
  }
  return true;
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      projectId: fc.constantFrom(...PROJECTS),
      count: fc.constantFrom(1, 1, 2, 4, 8, 12, 16),
      modelIn: fc.constantFrom([H100], [A100], [H100, A100], [A100, H100]),
      priority: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('quota' as const),
      projectId: fc.constantFrom(...PROJECTS),
      gpuModelId: fc.constantFrom(...MODELS),
      nominal: fc.nat(24),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('occupy' as const), count: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cordon' as const), node: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'run' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function startWorld(): PassWorld {
  const world = createPassWorld();
  for (const id of PROJECTS) world.project(id, PARENT[id] ?? null);
  for (const id of PROJECTS) for (const model of MODELS) world.quota(id, 8, model);
  world.cluster('ONLINE');
  for (const [index, model] of [H100, H100, A100, A100].entries()) world.node(`n${index}`, 8, model);
  return world;
}

function play(world: PassWorld, steps: readonly Step[], onRun: (picks: JobPick[]) => void): void {
  const cordoned = new Set<number>();
  const jobs = (phase: string) => [...world.pass.jobs().values()].filter((job) => job.phase === phase);
  const startAll = (picks: JobPick[]) => {
    for (const pick of picks) {
      world.reserve(pick);
      world.give(pick.jobId);
    }
  };
  for (const one of steps) {
    world.clock.now += 1_000;
    switch (one.do) {
      case 'submit':
        world.submit({ ...one, modelIn: [...one.modelIn] });
        break;
      case 'quota':
        world.quota(one.projectId, one.nominal, one.gpuModelId);
        break;
      case 'finish': {
        const running = jobs('RUNNING');
        const job = running[one.which % Math.max(1, running.length)];
        if (job) world.finish(job.id);
        break;
      }
      case 'cancel': {
        const waiting = jobs('QUEUED');
        const job = waiting[one.which % Math.max(1, waiting.length)];
        if (job) world.cancel(job.id);
        break;
      }
      case 'occupy':
        world.occupy('vision', one.count);
        break;
      case 'cordon': {
        const type = cordoned.has(one.node) ? 'NodeUncordoned' : 'NodeCordoned';
        if (type === 'NodeCordoned') cordoned.add(one.node);
        else cordoned.delete(one.node);
        world.changeNode(`n${one.node}`, { type, data: { reason: null } });
        break;
      }
      case 'run': {
        const { picks } = world.pass.run(world.clock.now);
        onRun(picks);
        startAll(picks);
      }
    }
  }
}

test('whatever the order of events, no start takes a project or one above it over its nominal', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const world = startWorld();
      play(world, steps, (picks) => {
        const books = readBooks(world.heard);
        for (const { jobId, gpuModelId } of picks) {
          const job = world.pass.jobs().get(jobId) as KnownJob;
          expect(fitsLimits(books, job, gpuModelId), `${jobId} on ${gpuModelId}`).toBe(true);
          books.count(job.projectId, gpuModelId, job.count);
        }
      });
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('after a run every queued job was started or says why not, and none could have been started', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const world = startWorld();
      const rest = [...steps, { do: 'run' as const }];
      play(world, rest, (picks) => {
        const picked = new Set(picks.map(({ jobId }) => jobId));
        const books = readBooks(world.heard);
        const promised = new Map<string, number>();
        for (const { jobId, gpuModelId } of picks) {
          const job = world.pass.jobs().get(jobId) as KnownJob;
          books.count(job.projectId, gpuModelId, job.count);
          promised.set(gpuModelId, (promised.get(gpuModelId) ?? 0) + job.count);
        }
        const wrong = [...world.pass.jobs().values()].filter((job) => {
          if (job.phase !== 'QUEUED') return false;
          const blockers = world.pass.blockers(job.id);
          if (picked.has(job.id)) return blockers.length > 0;
          // Which nodes a promise lies on is not known here, so only models without promises are judged.
          const couldStart = job.modelIn.some(
            (model) =>
              !promised.has(model) &&
              fitsLimits(books, job, model) &&
              placeGang(job.count, books.rooms(model)) !== null,
          );
          const inRank = blockers.every(({ rank }, index) => rank === index + 1);
          const unseen = blockers.some(({ code }) => code === 'NOT_EVALUATED');
          return blockers.length === 0 || couldStart || unseen || !inRank;
        });
        expect(wrong).toEqual([]);
      });
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** What a pass says of everything, as text. */
function standing(pass: SchedulingPass, now: number): string {
  pass.run(now);
  const jobs = [...pass.jobs().values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const cells = PROJECTS.flatMap((id) => MODELS.flatMap((model) => pass.quotas.cells(id, model)));
  const rooms = MODELS.map((model) => pass.fleet.room(model).free);
  const said = jobs.map(({ id, phase }) => [id, phase, pass.queuePosition(id), pass.blockers(id)]);
  return JSON.stringify({ said, cells, rooms });
}

test('contexts may be heard in any order, and events twice: the standing is the same', () => {
  const input = fc.record({
    steps: fc.array(step, { minLength: 10, maxLength: 40 }),
    order: fc.array(fc.record({ context: fc.constantFrom(...HEARD_CONTEXTS), twice: fc.boolean() }), {
      maxLength: 200,
    }),
  });
  fc.assert(
    fc.property(input, ({ steps, order }) => {
      const world = startWorld();
      play(world, steps, () => {});
      const { now } = world.clock;
      const inOrder = createSchedulingPass(() => 'decision');
      for (const event of world.heard) hear(inOrder, event, now);
      const other = createSchedulingPass(() => 'decision');
      const byContext = new Map(
        HEARD_CONTEXTS.map((context) => [context, world.heard.filter((event) => event.context === context)]),
      );
      const tell = (context: (typeof HEARD_CONTEXTS)[number], twice: boolean) => {
        const event = byContext.get(context)?.shift();
        for (let times = twice ? 2 : 1; event && times > 0; times--) hear(other, event, now);
      };
      for (const { context, twice } of order) tell(context, twice);
      for (const context of HEARD_CONTEXTS)
        while ((byContext.get(context)?.length ?? 0) > 0) tell(context, false);
      expect(standing(other, now)).toBe(standing(inOrder, now));
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** What can be in the way of one job, and how it is cleared. */
const OBSTACLES: Record<
  string,
  { code: string; put(world: PassWorld): void; clear(world: PassWorld): void }
> = {
  ownQuota: {
    code: 'QUOTA',
    put: (world) => world.quota('vision', 3),
    clear: (world) => world.quota('vision', 8),
  },
  quotaAbove: {
    code: 'QUOTA',
    put: (world) => world.quota('lab', 3),
    clear: (world) => world.quota('lab', 8),
  },
  budget: {
    code: 'BUDGET',
    put: (world) => setMoney(world, '1'),
    clear: (world) => setMoney(world, '1000'),
  },
  devices: {
    code: 'CAPACITY',
    put: (world) => {
      for (const node of ['n0', 'n1'])
        world.changeNode(node, { type: 'NodeCordoned', data: { reason: null } });
    },
    clear: (world) => world.changeNode('n0', { type: 'NodeUncordoned', data: {} }),
  },
  cluster: {
    code: 'CLUSTER_OFFLINE',
    put: (world) => world.cluster('OFFLINE'),
    clear: (world) => world.cluster('ONLINE'),
  },
};

function setMoney({ pass }: PassWorld, limit: string): void {
  const status = { limit, spent: '0', held: '0', currency: 'USD', budgetId: 'budget_1' };
  pass.money.set('budget_1', status);
}

test('the blockers shown are those that, once cleared one by one, start the job', () => {
  const names = Object.keys(OBSTACLES);
  const input = fc.record({
    put: fc.shuffledSubarray(names, { minLength: 1 }),
    order: fc.infiniteStream(fc.nat(names.length)),
  });
  fc.assert(
    fc.property(input, ({ put, order }) => {
      const world = startWorld();
      const { pass, clock } = world;
      pass.money.addBudget('budget_1', 'lab');
      pass.money.addPriceBook('book', { currency: 'USD', rates: { [H100]: '3' }, inForceFrom: clock.now });
      for (const name of put) OBSTACLES[name]?.put(world);
      const job = world.submit({ projectId: 'vision', count: 4 });
      let left = [...put];
      for (;;) {
        clock.now += 1_000;
        const started = world.start();
        if (left.length === 0) {
          expect(started).toEqual([job]);
          return;
        }
        expect(started).toEqual([]);
        const expected = left.flatMap((name) => OBSTACLES[name]?.code ?? []);
        expect(world.codes(job).sort()).toEqual(expected.sort());
        const next = left[(order.next().value ?? 0) % left.length] as string;
        OBSTACLES[next]?.clear(world);
        left = left.filter((name) => name !== next);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
