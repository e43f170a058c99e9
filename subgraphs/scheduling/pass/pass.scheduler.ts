import type { BillingCalls } from '../../../contracts/calls.js';
import { readClock } from '../../../platform/database/clock.js';
import type { Database } from '../../../platform/database/database.js';
import type { Tails } from '../../../platform/server/tails.js';
import type { Log } from '../../../platform/telemetry/log.js';
import { createForecaster } from '../eta/eta.forecaster.js';
import { forgetOldPromises } from '../eta/eta.repository.js';
import type { Reserve } from '../job/job.reservation.js';
import { type Decision, decisionIds } from './decision.js';
import { forgetOldDecisions, saveDecisions } from './decision.repository.js';
import { hear, HEARD_CONTEXTS } from './heard.js';
import { type Follower, followEvents } from './pass.follower.js';
import { loadPass } from './pass.repository.js';
import { createSchedulingPass, type JobPick, type PickAnswer } from './schedulingPass.js';
import type { JobStanding, QueueStandingOf, StandingOf } from './standing.js';

export interface Scheduler extends AsyncDisposable {
  readonly standingOf: StandingOf;
  readonly queueStandingOf: QueueStandingOf;
  /** Reads what is known, follows what happens, and from then on starts whoever may start. */
  start(): Promise<void>;
}

/** Events come in bursts: one run answers all that come within this time. */
const GATHER_MS = 10;
const HEARTBEAT_MS = 15_000;
/** Billing is asked about a budget at most so often. */
const MONEY_EVERY_MS = 250;
const RESERVATIONS_MAX = 4;
const CATCH_UP_MS = 5_000;
/** How long a reader waits for a job that the pass has not heard of yet. */
const HEARD_WITHIN_MS = 1_000;

/**
 * Keeps the pass running: wakes it when something happened, reserves for the jobs that it picks, stores what it decided.
 * One process does that. Two would decide alike and ask twice for the same job, which a job's own state refuses; what they
 * would need is a lease, so that each pick is made once (see README.md).
 */
export function createScheduler(deps: {
  database: Database;
  tails: Tails;
  log: Log;
  billing: Pick<BillingCalls, 'budgetStatus'>;
  reserve: Reserve;
}): Scheduler {
  const { database, tails, log, billing, reserve } = deps;
  const pass = createSchedulingPass(decisionIds());
  const forecaster = createForecaster({ database, pass, now: () => now() });
  const timers = createTimers();
  const work = new Set<Promise<void>>();
  const picked: JobPick[] = [];
  const unsaved: { decisions: Decision[]; endedIds: string[] } = { decisions: [], endedIds: [] };
  let follower: Follower | null = null;
  let clockOffsetMs = 0;
  let isReady = false;
  let reserving = 0;
  let isSaving = false;
  let isAskingForMoney = false;
  let isForecasting = false;

  const now = () => Date.now() + clockOffsetMs;
  const report = (what: string) => (error: unknown) => log.error({ error }, what);

  /** Deadlines are by the database's clock, which was read half-way between asking and the answer. */
  async function setClock(): Promise<void> {
    const asked = Date.now();
    const read = (await readClock(database.prisma)).getTime();
    clockOffsetMs = read - Math.round((asked + Date.now()) / 2);
  }

  /** Goes on by itself; disposing waits for it. */
  function begin(task: Promise<void>, what: string): void {
    const done = task.catch(report(what)).finally(() => work.delete(done));
    work.add(done);
  }

  /** Something may have changed for the queue: runs are few, however often it is called. */
  const wakeUp = () => void (isReady && timers.set('run', GATHER_MS, run));

  function run(): void {
    const { picks, decisions, endedIds, nextAt } = pass.run(now());
    picked.push(...picks);
    unsaved.decisions.push(...decisions);
    unsaved.endedIds.push(...endedIds);
    reserveNext();
    if (!isSaving) begin(save(), 'decisions cannot be stored, will try again');
    if (!isAskingForMoney)
      timers.set('money', MONEY_EVERY_MS, () => begin(askForMoney(), 'budgets cannot be asked for'));
    forecastSoon();
    if (nextAt !== null) timers.set('held', Math.max(0, nextAt - now()), wakeUp);
  }

  function forecastSoon(): void {
    if (isForecasting) return;
    timers.set('forecast', forecaster.dueIn() + GATHER_MS, () =>
      begin(forecast(), 'ETAs cannot be reckoned'),
    );
  }

  async function forecast(): Promise<void> {
    isForecasting = true;
    await forecaster.refresh().finally(() => (isForecasting = false));
  }

  function reserveNext(): void {
    while (reserving < RESERVATIONS_MAX) {
      const pick = picked.shift();
      if (!pick) return;
      reserving++;
      begin(reserveOne(pick), 'a reservation failed');
    }
  }

  async function reserveOne(pick: JobPick): Promise<void> {
    const { jobId, attempt, gpuModelId, decisionId } = pick;
    let answer: PickAnswer = { outcome: 'FAILED' };
    try {
      answer = await reserve(jobId, { attempt, gpuModelId }, decisionId);
    } finally {
      pass.answer(pick, answer, now());
      reserving--;
      reserveNext();
      wakeUp();
    }
  }

  async function save(): Promise<void> {
    isSaving = true;
    try {
      while (unsaved.decisions.length > 0 || unsaved.endedIds.length > 0) {
        const [decisions, endedIds] = [[...unsaved.decisions], [...unsaved.endedIds]];
        await saveDecisions(database, decisions, endedIds);
        unsaved.decisions = unsaved.decisions.slice(decisions.length);
        unsaved.endedIds = unsaved.endedIds.slice(endedIds.length);
      }
    } finally {
      isSaving = false;
    }
  }

  async function askForMoney(): Promise<void> {
    isAskingForMoney = true;
    try {
      for (const { chain, projectId } of pass.money.takeStale()) {
        pass.money.set(chain, await billing.budgetStatus({ projectId }));
        wakeUp();
      }
    } finally {
      isAskingForMoney = false;
    }
  }

  async function beat(): Promise<void> {
    await setClock();
    await forgetOldDecisions(database);
    await forgetOldPromises(database);
    pass.money.touchAll();
    wakeUp();
  }

  return {
    queueStandingOf: (queueId) => ({
      waiting: pass.waiting.queue(queueId).length,
      etaHitRate: forecaster.hitRate(queueId),
    }),

    async start() {
      await setClock();
      const from = await loadPass(pass, database, tails, now());
      await forecaster.load();
      const following = followEvents({
        tails,
        from,
        tell(event) {
          try {
            const before = pass.jobs().get(event.streamId) ?? null;
            hear(pass, event, now());
            if (event.context === 'scheduling') forecaster.heard(event, before);
          } catch (error) {
            log.error({ error, eventId: event.id }, 'the pass does not understand an event');
          }
        },
        onBatch: wakeUp,
        onError: (error, source) => log.error({ error, source }, 'events cannot be followed, will try again'),
      });
      follower = following;
      const caughtUp = HEARD_CONTEXTS.map(async (context) =>
        following.reaches(context, await (await tails(context)).fetchHead(), CATCH_UP_MS),
      );
      await Promise.all(caughtUp).catch(report('not all contexts can be read yet'));
      isReady = true;
      wakeUp();
      timers.every(HEARTBEAT_MS, () => begin(beat(), 'the heartbeat failed'));
    },

    async standingOf(jobIds) {
      const known = () => jobIds.every((id) => pass.jobs().has(id));
      if (!known()) await follower?.until(known, HEARD_WITHIN_MS);
      const standing = (id: string): JobStanding => {
        const queuePosition = pass.queuePosition(id);
        const eta = queuePosition === null ? null : forecaster.etaOf(id);
        return { queuePosition, blockers: pass.blockers(id), eta };
      };
      return new Map(jobIds.map((id) => [id, standing(id)]));
    },

    async [Symbol.asyncDispose]() {
      isReady = false;
      timers.clear();
      picked.length = 0;
      await follower?.[Symbol.asyncDispose]();
      while (work.size > 0) await Promise.all(work);
      timers.clear();
    },
  };
}

/** Timers by name: of two settings of the same, the earlier counts. */
function createTimers() {
  const running = new Map<string, { timer: NodeJS.Timeout; dueAt: number }>();
  let beating: NodeJS.Timeout | null = null;
  return {
    set(name: string, ms: number, act: () => void): void {
      const dueAt = performance.now() + ms;
      const before = running.get(name);
      if (before && before.dueAt <= dueAt) return;
      if (before) clearTimeout(before.timer);
      const timer = setTimeout(() => {
        running.delete(name);
        act();
      }, ms).unref();
      running.set(name, { timer, dueAt });
    },
    every(ms: number, act: () => void): void {
      beating = setInterval(act, ms).unref();
    },
    clear(): void {
      for (const { timer } of running.values()) clearTimeout(timer);
      running.clear();
      if (beating) clearInterval(beating);
    },
  };
}
