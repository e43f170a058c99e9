import { randomUUID } from 'node:crypto';
import { createCommands } from '../../platform/command/commands.js';
import type { Database } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import type { Aggregate } from '../../platform/eventStore/aggregate.js';
import type { DomainEvent } from '../../platform/eventStore/event.js';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import type { Principal } from '../../platform/identity/principal.js';
import { createInProcessLog } from '../../platform/log/inProcessLog.js';
import type { EventLog } from '../../platform/log/log.js';
import type { Subgraph, SubgraphResponse } from '../../platform/server/subgraph.js';
import { createTails, type Tails } from '../../platform/server/tails.js';
import { createLog, type Log } from '../../platform/telemetry/log.js';
import { countStatements } from './countStatements.js';
import { testDatabase } from './testDatabase.js';

type Deps = { database: Database; eventLog: EventLog; tails: Tails; log: Log };
type App = AsyncDisposable & { readonly subgraph: Subgraph; start(): Promise<void> };

export type Caller = (document: string, variables?: Record<string, unknown>) => Promise<SubgraphResponse>;
export type Harness<Running extends App = App> = Awaited<ReturnType<typeof startHarness<Running>>>;

/**
 * One subgraph on a database of its own. What it reads of other contexts the test stores in their names, and every call
 * sees all that was stored before it.
 */
export function startHarness<Running extends App>(
  create: (deps: Deps) => Promise<Running>,
  open: () => Promise<Database> = testDatabase,
) {
  return buildWith(async ({ use }) => {
    const { database, count } = countStatements(use(await open()));
    const log = createLog({ name: 'test', level: 'silent' });
    const eventLog = use(createInProcessLog());
    const history = (context: string) => createEventStore(database.prisma, context);
    const tails = use(createTails({ eventLog, history, log }));
    const app = use(await create({ database, eventLog, tails, log }));
    await app.start();
    let positions: Record<string, string> = {};

    return {
      database,
      /** Runs something, and says how many statements it sent to the database. */
      count,
      app,
      history,

      /** Stores an event of another context, as done by `by`, and lets everybody know. */
      async append(
        context: string,
        streamId: string,
        event: DomainEvent,
        options: { projectId?: string | null; by?: Principal; onBehalfOf?: string | null } = {},
      ): Promise<void> {
        const { projectId = null, by: principal = person(), onBehalfOf = null } = options;
        const commands = createCommands(database, history(context));
        const requestId = randomUUID();
        const request = { name: 'test', principal, onBehalfOf, requestId, correlationId: requestId };
        const answer = await commands.execute(
          { ...request, idempotencyKey: null, input: null },
          async (unit) => {
            const entity = await unit.load(anything, streamId);
            await unit.save(anything, entity, [event], projectId);
            return null;
          },
        );
        positions = { ...positions, [context]: String(answer.position) };
        await eventLog.publish(context, await history(context).readContext((answer.position ?? 1n) - 1n, 1));
      },

      as(principal: Principal): Caller {
        return async (document, variables = {}) => {
          const requestId = randomUUID();
          const { signal } = new AbortController();
          const call = { principal, requestId, correlationId: requestId, positions, signal };
          const answer = await app.subgraph.execute({ document, variables }, call);
          positions = { ...positions, ...answer.extensions?.positions };
          return answer;
        };
      },
    };
  });
}

/** A user with rights in the whole organisation, and in projects by their ids. */
export const person = (
  everywhere: readonly string[] = [],
  projects: Readonly<Record<string, readonly string[]>> = {},
): Principal => ({ id: `user_${randomUUID()}`, kind: 'USER', displayName: 'Test', everywhere, projects });

/** The data of an answer without errors. */
export function dataOf<Data = Record<string, unknown>>({ data, errors }: SubgraphResponse): Data {
  if (errors || !data) throw new Error(`Refused: ${JSON.stringify(errors)}`);
  return data as Data;
}

/** The first error's extensions; undefined where there is none. */
export const refusalOf = ({ errors }: SubgraphResponse): Record<string, unknown> | undefined =>
  errors?.[0]?.extensions;

const anything: Aggregate<object, DomainEvent> = {
  kind: 'Anything',
  types: [],
  evolve: (_state, { data }) => data,
  project: async () => {},
};
