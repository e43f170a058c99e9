import type { QueryPlan } from '@graphql-hive/router-query-planner';
import { createBoundedCache } from '../boundedCache.js';
import { planningFailed } from '../errors.js';
import type { Planner } from './planner.js';
import { PlannerDied, startPlannerChild, type PlannerChild } from './plannerChild.js';

export interface PlannerLimits {
  /** How long one plan, or loading the supergraph, may take. */
  readonly answerMs: number;
  /** Documents that may wait; one more is refused as retryable. */
  readonly waitingMax: number;
  /** Total length of the documents remembered as killers. */
  readonly quarantineCharactersMax: number;
}

const DEFAULTS: PlannerLimits = { answerMs: 5_000, waitingMax: 1_000, quarantineCharactersMax: 4_000_000 };

/** A document is tried again once: its planner may have been killed by something else. */
const DEATHS_MAX = 2;

interface Waiting {
  readonly document: string;
  readonly operationName: string | null;
  readonly resolve: (plan: QueryPlan) => void;
  readonly reject: (error: Error) => void;
  deaths: number;
}

/**
 * Starts a planner in a child process. A document that kills it is refused from then on; the documents that wait
 * behind it are planned by the next child and notice nothing but time. Fails when the supergraph is refused.
 */
export async function startPlanner(
  supergraphSdl: string,
  limits: Partial<PlannerLimits> = {},
): Promise<Planner> {
  const { answerMs, waitingMax, quarantineCharactersMax } = { ...DEFAULTS, ...limits };
  const quarantined = createBoundedCache<true>(quarantineCharactersMax);
  const waiting: Waiting[] = [];
  const start = () => startPlannerChild(supergraphSdl, answerMs);
  let child: Promise<PlannerChild> = start();
  let working = false;
  let stopped = false;
  const { consumerSchema } = await child;

  async function livingChild() {
    const current = await child.catch(() => undefined);
    if (current?.alive) return current;
    child = start();
    return child;
  }

  async function planNext(next: Waiting) {
    try {
      const planner = await livingChild();
      next.resolve(await planner.plan(next.document, next.operationName));
    } catch (error) {
      if (stopped) return next.reject(planningFailed(true));
      if (!(error instanceof PlannerDied)) return next.reject(planningFailed(false));
      next.deaths += 1;
      if (next.deaths < DEATHS_MAX) return void waiting.unshift(next);
      const key = keyOf(next.document, next.operationName);
      quarantined.set(key, true, key.length);
      next.reject(planningFailed(false));
    }
  }

  async function work() {
    if (working) return;
    working = true;
    for (let next = waiting.shift(); next && !stopped; next = waiting.shift()) await planNext(next);
    working = false;
    // The next document should not have to wait for a child to start.
    if (!stopped) await livingChild().catch(() => undefined);
  }

  return {
    consumerSchema,
    plan(document, operationName) {
      if (quarantined.get(keyOf(document, operationName))) return Promise.reject(planningFailed(false));
      if (stopped || waiting.length >= waitingMax) return Promise.reject(planningFailed(true));
      return new Promise((resolve, reject) => {
        waiting.push({ document, operationName, resolve, reject, deaths: 0 });
        void work();
      });
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      for (const { reject } of waiting.splice(0)) reject(planningFailed(true));
      const last = await child.catch(() => undefined);
      await last?.stop();
    },
  };
}

const keyOf = (document: string, operationName: string | null) => `${operationName ?? ''}\n${document}`;
