import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalAsk } from '../../contracts/approval.js';
import type { Permission } from '../../contracts/permissions.js';
import { until } from '../../test/testkit/until.js';
import { approvalAsked } from './approval/approval.fixture.js';
import {
  bound,
  callAs,
  createProject,
  dataOf,
  happen,
  principalOf,
  type Started,
  startGovernance,
  trailIsWhole,
} from './governance.fixture.js';
import { findRole, ROLES } from './role/roles.js';

const RUNS = 30;

type World = { started: Started; projects: { id: string; key: string; parentId: string | null }[] };
type Bound = { role: string; project: number | null };

/** Eight projects in a tree, and things that happened in each of them, in all contexts. */
async function makeWorld(started: Started): Promise<World> {
  const admin = callAs(started, 'org-admin');
  const projects: World['projects'] = [];
  for (let index = 0; index < 8; index++) {
    const parentId = index < 2 ? null : (projects[Math.floor(index / 2) - 1]?.id ?? null);
    const key = `p${index}`;
    projects.push({ id: await createProject(admin, key, parentId), key, parentId });
  }
  for (const { id: projectId, key } of projects) {
    await happen(started, {
      context: 'resources',
      streamId: `instance_${key}`,
      type: 'InstanceRequested',
      projectId,
    });
    await happen(started, {
      context: 'models',
      streamId: `model_${key}`,
      type: 'ModelRegistered',
      projectId,
    });
    await happen(started, {
      context: 'billing',
      streamId: `budget_${key}`,
      type: 'BudgetCreated',
      projectId,
    });
  }
  for (const { id: projectId, key } of projects) {
    const instance = approvalAsked();
    const target = { type: 'Deployment', id: `deployment_${key}`, name: 'chat' } as const;
    const deployment = approvalAsked({ action: 'CREATE_DEPLOYMENT', target });
    await asked(started, 'resources', 'InstanceApprovalAsked', instance, projectId);
    await asked(started, 'models', 'DeploymentApprovalAsked', deployment, projectId);
  }
  const { approvalRequest } = started.database.prisma;
  await until('the approvals are there', async () => (await approvalRequest.count()) === 2 * projects.length);
  await happen(started, { context: 'resources', streamId: 'eu-1/h100-1', type: 'NodeDiscovered' });
  await happen(started, { context: 'billing', streamId: 'price-book_1', type: 'PriceBookCreated' });
  return { started, projects };
}

const asked = (started: Started, context: string, type: string, ask: ApprovalAsk, projectId: string) =>
  happen(started, {
    context,
    streamId: ask.target.id,
    type,
    data: { ask, deadline: ask.expiresAt },
    projectId,
  });

/** Whether a right holds in a project (or in the organisation), straight from the bindings and the tree. */
function rightsBy({ projects }: World, bindings: readonly Bound[]) {
  const isWithin = (projectId: string | null, root: string): boolean => {
    if (projectId === null || projectId === root) return projectId === root;
    return isWithin(projects.find(({ id }) => id === projectId)?.parentId ?? null, root);
  };
  return (right: Permission, projectId: string | null) =>
    bindings.some(({ role, project }) => {
      const root = project === null ? null : projects[project]?.id;
      return findRole(role)?.inScope.includes(right) && (root == null || isWithin(projectId, root));
    });
}

type Row = {
  id: string;
  projectId: string | null;
  subgraph: string;
  subjectType: string;
  [actor: string]: unknown;
};

function maySee(row: Row, viewerId: string, holds: ReturnType<typeof rightsBy>): boolean {
  const { projectId, subgraph, subjectType } = row;
  const own = [row['actorId'], row['onBehalfOf'], row['ownerId']].includes(viewerId);
  return (
    holds('trail:read', projectId) ||
    (own && (projectId === null || holds('trail:readOwn', projectId))) ||
    (['Cluster', 'Node', 'Gpu'].includes(subjectType) && holds('trail:readFleet', projectId)) ||
    (subgraph === 'models' && holds('trail:readModels', projectId)) ||
    (subgraph === 'billing' && holds('trail:readCost', projectId))
  );
}

const bindings: fc.Arbitrary<Bound[]> = fc.array(
  fc.record({
    role: fc.constantFrom(...ROLES.map(({ name }) => name)),
    project: fc.option(fc.nat(7), { freq: 4 }),
  }),
  { maxLength: 3 },
);

const SEEN = `query ($projects: [_Any!]!, $events: [_Any!]!, $approvals: [_Any!]!) {
  projects(first: 100) { edges { node { id } } totalCount }
  me { projects(first: 100) { edges { node { id } } totalCount } }
  projectEntities: _entities(representations: $projects) { ... on Project { id parent { id } } }
  eventEntities: _entities(representations: $events) { ... on AuditEvent { id } }
  auditEvents(first: 100) { edges { node { id } } totalCount }
  approvals(first: 100) { edges { node { id } } totalCount }
  approvalEntities: _entities(representations: $approvals) { ... on ApprovalRequest { id } }
}`;

type Page = { edges: { node: { id: string } }[]; totalCount: number };
type Seen = {
  projects: Page;
  me: { projects: Page };
  projectEntities: ({ id: string; parent: { id: string } | null } | null)[];
  eventEntities: ({ id: string } | null)[];
  auditEvents: Page;
  approvals: Page;
  approvalEntities: ({ id: string } | null)[];
};

test('who may not read a project learns nothing of it, whatever their roles: not by lists, counts, references or the trail', async () => {
  await using started = await startGovernance();
  const world = await makeWorld(started);
  const admin = callAs(started, 'org-admin');
  let runs = 0;

  const property = fc.asyncProperty(bindings, async (chosen) => {
    const username = `viewer-${(runs += 1)}`;
    const { id: userId } = await principalOf(started.governance, username);
    for (const { role, project } of chosen) {
      const projectId = project === null ? undefined : world.projects[project]?.id;
      await bound(admin, { userId, role, ...(projectId && { projectId }) });
    }
    await trailIsWhole(started);
    const holds = rightsBy(world, chosen);
    const rows = await started.database.prisma.auditEvent.findMany({ orderBy: { sequence: 'desc' } });
    const requests = await started.database.prisma.approvalRequest.findMany({ orderBy: { id: 'desc' } });
    const seen = dataOf<Seen>(
      await callAs(started, username)(SEEN, {
        projects: world.projects.map(({ id }) => ({ __typename: 'Project', id })),
        events: rows.map(({ id }) => ({ __typename: 'AuditEvent', id })),
        approvals: requests.map(({ id }) => ({ __typename: 'ApprovalRequest', id })),
      }),
    );

    const projects = world.projects.filter(({ id }) => holds('project:read', id));
    const ids = projects.map(({ id }) => id);
    for (const page of [seen.projects, seen.me.projects]) {
      expect(page.edges.map(({ node }) => node.id)).toEqual(ids);
      expect(page.totalCount).toBe(ids.length);
    }
    expect(seen.projectEntities.filter((entity) => entity !== null)).toEqual(
      projects.map(({ id, parentId }) => ({
        id,
        parent: parentId !== null && ids.includes(parentId) ? { id: parentId } : null,
      })),
    );
    const events = rows.filter((row) => maySee(row, userId, holds)).map(({ id }) => id);
    expect(seen.eventEntities.filter((event) => event !== null).map(({ id }) => id)).toEqual(events);
    expect(seen.auditEvents.totalCount).toBe(events.length);
    expect(seen.auditEvents.edges.map(({ node }) => node.id)).toEqual(events.slice(0, 100));
    const approvals = requests
      .filter(
        ({ projectId, action }) =>
          (['contents:read', 'trail:read', 'approval:decide'] as const).some((right) =>
            holds(right, projectId),
          ) ||
          (action === 'CREATE_DEPLOYMENT' && holds('approval:decideModels', projectId)),
      )
      .map(({ id }) => id);
    expect(seen.approvals.totalCount).toBe(approvals.length);
    expect(seen.approvals.edges.map(({ node }) => node.id)).toEqual(approvals);
    expect(seen.approvalEntities.filter((entity) => entity !== null).map(({ id }) => id)).toEqual(approvals);
  });
  await fc.assert(property, { numRuns: RUNS });
});
