import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import type { Aggregate } from '../../platform/eventStore/aggregate.js';
import type { DomainEvent } from '../../platform/eventStore/event.js';
import { type Principal, systemPrincipal } from '../../platform/identity/principal.js';
import { createInProcessLog } from '../../platform/log/inProcessLog.js';
import type { SubgraphResponse } from '../../platform/server/subgraph.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createTails } from '../../platform/server/tails.js';
import { createLog } from '../../platform/telemetry/log.js';
import { testDatabase } from '../../test/testkit/testDatabase.js';
import { until } from '../../test/testkit/until.js';
import { createGovernance, type Governance } from './app.js';

export type Caller = (document: string, variables?: Record<string, unknown>) => Promise<SubgraphResponse>;

/** A governance of its own, with a database that counts its queries, and callers with a name or a principal. */
export function startGovernance() {
  return buildWith(async ({ use }) => {
    const { database, statements } = counting(use(await testDatabase()));
    const log = createLog({ name: 'test', level: 'silent' });
    const eventLog = use(createInProcessLog());
    const history = (context: string) => createEventStore(database.prisma, context);
    const tails = use(createTails({ eventLog, history, log }));
    const governance = use(await createGovernance({ database, eventLog, tails, log }));
    await governance.start();
    const { organisationId, userIds } = await governance.bootstrap({
      organisation: 'acme',
      users: [
        { username: 'org-admin', displayName: 'Olga Admin', email: null, roles: [{ role: 'OrgAdmin' }] },
        { username: 'auditor', displayName: 'Aude Auditor', email: null, roles: [{ role: 'Auditor' }] },
        { username: 'rita', displayName: 'Rita Vision', email: 'rita@acme.example', roles: [] },
      ],
    });
    const others = new Map<string, Spine>();
    for (const context of ['resources', 'scheduling', 'billing', 'models'])
      others.set(context, use(await createSpine({ context, database, eventLog, tails, log })));
    return { database, statements, governance, organisationId, userIds, others };
  });
}

/** The same database, and how many statements have been sent to it. */
function counting(database: Database) {
  const statements = { count: 0 };
  const prisma = database.prisma.$extends({
    query: {
      $allOperations({ args, query }) {
        statements.count += 1;
        return query(args);
      },
    },
  });
  return { statements, database: { ...database, prisma: prisma as unknown as Database['prisma'] } };
}

export type Started = Awaited<ReturnType<typeof startGovernance>>;

export const principalOf = (governance: Governance, username: string): Promise<Principal> =>
  governance.calls.resolvePrincipal({ issuer: 'test', subject: username, username, name: null, email: null });

/** Calls as somebody, with the rights that they have at each call; sees what it wrote itself. */
export function callAs({ governance }: Pick<Started, 'governance'>, who: string | Principal): Caller {
  let positions: Record<string, string> = {};
  return async (document, variables = {}) => {
    const principal = typeof who === 'string' ? await principalOf(governance, who) : who;
    const requestId = randomUUID();
    const { signal } = new AbortController();
    const call = { principal, requestId, correlationId: requestId, positions, signal };
    const answer = await governance.subgraph.execute({ document, variables }, call);
    positions = { ...positions, ...answer.extensions?.positions };
    return answer;
  };
}

/** A thing of which only the trail matters. */
const thing: Aggregate<object, DomainEvent> = {
  kind: 'Thing',
  types: [],
  evolve: () => ({}),
  project: () => Promise.resolve(),
};

export type Happening = {
  context: string;
  streamId: string;
  type: string;
  data?: object;
  projectId?: string | null;
  by?: Principal;
  onBehalfOf?: string | null;
};

/** Something happens in another context, and governance has yet to hear of it. Returns the id of the event. */
export async function happen({ others }: Pick<Started, 'others'>, happening: Happening): Promise<string> {
  const { context, streamId, type, data = {}, projectId = null, onBehalfOf = null } = happening;
  const { by = systemPrincipal('reconciler') } = happening;
  const spine = others.get(context);
  if (!spine) throw new Error(`There is no context ${context}`);
  const ids = { requestId: 'request-1', correlationId: 'correlation-1', causationId: 'cause-1' };
  const request = { name: type, principal: by, onBehalfOf, idempotencyKey: null, input: null, ...ids };
  const { eventId } = await spine.commands.execute(request, async (unit) => {
    await unit.save(thing, await unit.load(thing, streamId), [{ type, data }], projectId);
    return null;
  });
  if (eventId === null) throw new Error('Nothing happened');
  return eventId;
}

/** Waits until the trail has everything that has happened in any context. */
export const trailIsWhole = ({ database: { prisma } }: Pick<Started, 'database'>): Promise<void> =>
  until(
    'the trail has every event',
    async () => (await prisma.auditEvent.count()) === (await prisma.event.count()),
  );

/** The data of an answer without errors. */
export function dataOf<Data = Record<string, unknown>>({ data, errors }: SubgraphResponse): Data {
  if (errors || !data) throw new Error(`Refused: ${JSON.stringify(errors)}`);
  return data as Data;
}

/** The first error's code and details; undefined where there is none. */
export function refusalOf({ errors }: SubgraphResponse): { code: unknown; details: unknown } | undefined {
  const [error] = errors ?? [];
  return error && { code: error.extensions?.['code'], details: error.extensions?.['details'] };
}

const CREATE_PROJECT = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { eventId version project { id key name status parent { id } createdBy { id kind displayName } } }
}`;

type CreatedProject = { createProject: { eventId: string; version: number; project: { id: string } } };

export async function createProject(caller: Caller, key: string, parentId: string | null = null) {
  const input = { key, name: `Project ${key}`, parentId, idempotencyKey: randomUUID() };
  return dataOf<CreatedProject>(await caller(CREATE_PROJECT, { input })).createProject.project.id;
}

const BIND_ROLE = `mutation ($input: BindRoleInput!) {
  bindRole(input: $input) { eventId version roleBinding { id role expiresAt user { displayName } project { key } } }
}`;

export type Binding = { userId: string | undefined; role: string; projectId?: string; expiresAt?: string };

export const bindRole = (caller: Caller, { userId, ...rest }: Binding) =>
  caller(BIND_ROLE, { input: { subject: { userId }, ...rest, idempotencyKey: randomUUID() } });

export async function bound(caller: Caller, binding: Binding): Promise<string> {
  const answer = await bindRole(caller, binding);
  return dataOf<{ bindRole: { roleBinding: { id: string } } }>(answer).bindRole.roleBinding.id;
}
