import type { QueryPlan } from '@graphql-hive/router-query-planner';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiledPath } from '../../platform/compiled.js';
import type { FromPlanner, ToPlanner } from './plannerMessages.js';

/** The planner's process ended, or was ended for being late, before it answered. */
export class PlannerDied extends Error {
  override readonly name = 'PlannerDied';
}

/** The planner read the message and will not serve it. */
export class PlannerRefused extends Error {
  override readonly name = 'PlannerRefused';
}

/** One planner process. It is asked one thing at a time; the caller waits for the answer before it asks again. */
export interface PlannerChild {
  readonly consumerSchema: string;
  readonly alive: boolean;
  plan(document: string, operationName: string | null): Promise<QueryPlan>;
  stop(): Promise<void>;
}

/** `answerMs` bounds every answer, loading included: a child that is late is killed. */
export async function startPlannerChild(supergraphSdl: string, answerMs: number): Promise<PlannerChild> {
  const child = fork(compiledPath(import.meta.url, './plannerProcess.js'), [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = once(child, 'exit');
  let alive = true;
  child.once('exit', () => (alive = false));
  const loaded = await ask(child, { type: 'load', supergraphSdl }, answerMs);
  if (loaded.type !== 'loaded') {
    child.kill('SIGKILL');
    throw new PlannerRefused(loaded.type === 'refused' ? loaded.reason : 'unexpected answer');
  }
  return {
    consumerSchema: loaded.consumerSchema,
    get alive() {
      return alive;
    },
    async plan(document, operationName) {
      const answer = await ask(child, { type: 'plan', document, operationName }, answerMs).catch(
        (error: unknown) => {
          // Its end may be noticed here before it is announced.
          alive = false;
          throw error;
        },
      );
      if (answer.type === 'planned') return JSON.parse(answer.plan) as QueryPlan;
      throw new PlannerRefused(answer.type === 'refused' ? answer.reason : 'unexpected answer');
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function ask(child: ChildProcess, message: ToPlanner, answerMs: number): Promise<FromPlanner> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => child.kill('SIGKILL'), answerMs);
    const settle = () => {
      clearTimeout(late);
      child.off('message', onAnswer);
      child.off('exit', onEnd);
      child.off('error', onEnd);
    };
    const onAnswer = (answer: FromPlanner) => {
      settle();
      resolve(answer);
    };
    const onEnd = () => {
      settle();
      reject(new PlannerDied('the planner ended before it answered'));
    };
    child.once('message', onAnswer).once('exit', onEnd).once('error', onEnd);
    // A child that is gone cannot be sent to; its exit may have been announced before we listened.
    if (!child.send(message, (error) => error && onEnd())) return;
  });
}
