import { once } from 'node:events';
import type { BillingCalls } from '../../../contracts/calls.js';
import { readClock } from '../../../platform/database/clock.js';
import type { Database } from '../../../platform/database/database.js';
import { inEachTerm, type Lease, type Term } from '../../../platform/lease/lease.js';
import type { Tails } from '../../../platform/server/tails.js';
import type { Log } from '../../../platform/telemetry/log.js';
import { secondsSince } from '../../../platform/telemetry/metrics.js';
import { createForecaster } from '../eta/eta.forecaster.js';
import { forgetOldPromises } from '../eta/eta.repository.js';
import type { Reserve } from '../job/job.reservation.js';
import { decisionIds } from './decision.js';
import { forgetOldDecisions } from './decision.repository.js';
import { hear, HEARD_CONTEXTS } from './heard.js';
import { createDecisionStore } from './pass.decisions.js';
import { type Follower, followEvents } from './pass.follower.js';
import { measureQueues, passDurations } from './pass.metrics.js';
import { loadPass, readStandingDecisions } from './pass.repository.js';
import { createReservations } from './pass.reservations.js';
import { createSchedulingPass, type JobPick } from './schedulingPass.js';
import type { JobStanding, QueueStandingOf, StandingOf } from './standing.js';
import { createTimers } from './timers.js';

export interface Scheduler extends AsyncDisposable {
  readonly standingOf: StandingOf;
  readonly queueStandingOf: QueueStandingOf;
  /** Reads what is known, follows what happens, and from then on starts whoever may start, while this process leads. */
  start(): Promise<void>;
}

/** Events come in bursts: one run answers all that come within this time. */
const GATHER_MS = 10;
const HEARTBEAT_MS = 15_000;
/** Billing is asked about a budget at most so often. */
const MONEY_EVERY_MS = 250;
const CATCH_UP_MS = 5_000;
/** How long a reader waits for a job that the pass has not heard of yet. */
const HEARD_WITHIN_MS = 1_000;
/** How long a process that does not lead waits for what the leader does with a job that it would have picked. */
const RESERVED_WITHIN_MS = 1_000;

/**
 * Keeps the pass running: wakes it when something happened, reserves for the jobs that it picks, stores what it decided.
 * Every process of the context runs it, so that each can say where a job stands and go on at once; the one that has the
 * lease reserves and stores.
 */
export function createScheduler(deps: {
  database: Database;
  tails: Tails;
  log: Log;
  lease: Lease;
  billing: Pick<BillingCalls, 'budgetStatus'>;
  reserve: Reserve;
}): Scheduler {
  const { database, tails, log, lease, billing, reserve } = deps;
  const pass = createSchedulingPass(decisionIds());
  const isLeading = () => lease.term() !== null;
  const forecaster = createForecaster({ database, pass, now: () => now(), isLeading });
  const decisions = createDecisionStore(database, lease);
  const timers = createTimers();
  const work = new Set<Promise<void>>();
  const stop = new AbortController();
  const reservations = createReservations({
    isLeading,
    reserve,
    isHeardOf,
    begin: (task) => begin(task, 'a reservation failed'),
    answer(pick, answer) {
      pass.answer(pick, answer, now());
      wakeUp();
    },
  });
  const stopMeasuring = measureQueues(pass.waiting);
  let follower: Follower | null = null;
  /** In which the stored decisions were read. */
  let readIn: Term | null = null;
  let leading: Promise<void> = Promise.resolve();
  let clockOffsetMs = 0;
  let isReady = false;
  let isAskingForMoney = false;
  let isForecasting = false;
  let forecastAgain = false;

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
    const startedAt = performance.now();
    const { picks, nextAt, ...decided } = pass.run(now());
    passDurations.observe({}, secondsSince(startedAt));
    decisions.add(decided);
    reservations.add(picks);
    begin(decisions.save(), 'decisions cannot be stored, will try again');
    if (!isAskingForMoney)
      timers.set('money', MONEY_EVERY_MS, () => begin(askForMoney(), 'budgets cannot be asked for'));
    forecastSoon();
    if (nextAt !== null) timers.set('held', Math.max(0, nextAt - now()), wakeUp);
  }

  /** What other processes have stored counts, also since when; what they have not is found anew. */
  async function inherit(): Promise<void> {
    const standing = await readStandingDecisions(database);
    if (!isReady) return;
    decisions.clear();
    pass.inheritDecisions(standing);
    run();
  }

  async function lead(term: Term, signal: AbortSignal): Promise<void> {
    if (readIn !== term) await inherit();
    readIn = term;
    follower?.look();
    if (!signal.aborted) await once(signal, 'abort');
  }

  async function isHeardOf({ jobId, attempt }: JobPick): Promise<boolean> {
    const isWaiting = () => {
      const job = pass.jobs().get(jobId);
      return job?.phase === 'QUEUED' && job.attempt === attempt;
    };
    await follower?.until(() => !isWaiting() || isLeading(), RESERVED_WITHIN_MS);
    return !isWaiting();
  }

  function forecastSoon(): void {
    if (isForecasting) return void (forecastAgain = true);
    timers.set('forecast', forecaster.dueIn() + GATHER_MS, () =>
      begin(forecast(), 'ETAs cannot be reckoned'),
    );
  }

  async function forecast(): Promise<void> {
    isForecasting = true;
    forecastAgain = false;
    await forecaster.refresh().finally(() => (isForecasting = false));
    // What changed while it reckoned may not be in it.
    if (forecastAgain) forecastSoon();
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
    if (isLeading()) {
      await forgetOldDecisions(database);
      await forgetOldPromises(database);
    } else await inherit();
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
      readIn = lease.term();
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
      leading = inEachTerm({
        lease,
        signal: stop.signal,
        work: lead,
        onError: report('the lead cannot be taken over, will try again'),
      });
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
      stopMeasuring();
      stop.abort();
      timers.clear();
      reservations.clear();
      await leading;
      await follower?.[Symbol.asyncDispose]();
      while (work.size > 0) await Promise.all(work);
      timers.clear();
    },
  };
}
