import { randomUUID } from 'node:crypto';
import { demoUsers } from '../embedded/issuer/demoUsers.js';
import type { FleetCore } from './core.js';
import { demoOrganisation, demoProjects, demoRoles } from './demoWorld.js';

/** Gets the rights first, as the system's doing; everything else is theirs. */
const ADMINISTRATOR = 'org-admin';

/**
 * Loads the demo world into an empty store, as the demo's organisation administrator, through the same mutations as
 * anybody. Every step has its key, so a load that was cut off goes on where it stopped. False if it was there already.
 */
export async function seedDemo(core: FleetCore): Promise<boolean> {
  if (await isComplete(core)) return false;
  await core.governance.bootstrap({
    organisation: demoOrganisation.name,
    users: demoUsers.map(({ username, name, email }) => ({
      username,
      displayName: name,
      email,
      roles: username === ADMINISTRATOR ? [{ role: 'OrgAdmin' }] : [],
    })),
  });
  await core.billing.bootstrap();
  const send = createSender(core, await principalOf(core, ADMINISTRATOR));
  const mutate = <Data>(document: string, key: string, input: Record<string, unknown>) =>
    send<Data>(document, { input: { ...input, idempotencyKey: `demo:${key}` } });

  const projectIds = new Map<string, string>();
  for (const { key, name, quotas, monthlyBudget } of demoProjects) {
    const { createProject } = await mutate<Created>(CREATE_PROJECT, `project:${key}`, { key, name });
    const projectId = createProject.project.id;
    projectIds.set(key, projectId);
    for (const [gpuModelId, nominal] of Object.entries(quotas))
      await mutate(SET_QUOTA, `quota:${key}:${gpuModelId}`, { projectId, gpuModelId, nominal });
    const amount = { amount: monthlyBudget, currency: 'USD' };
    await mutate(CREATE_BUDGET, `budget:${key}`, { projectId, period: 'MONTH', amount });
  }
  for (const { username, role, project } of demoRoles) {
    const subject = { userId: (await principalOf(core, username)).id };
    const projectId = project === null ? null : projectIds.get(project);
    await mutate(BIND_ROLE, `role:${username}`, { subject, role, projectId });
  }
  return true;
}

const CREATE_PROJECT = `mutation SeedProject($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }`;
const SET_QUOTA = `mutation SeedQuota($input: SetQuotaInput!) { setQuota(input: $input) { eventId } }`;
const CREATE_BUDGET = `mutation SeedBudget($input: CreateBudgetInput!) { createBudget(input: $input) { eventId } }`;
const BIND_ROLE = `mutation SeedRole($input: BindRoleInput!) { bindRole(input: $input) { eventId } }`;

type Created = { createProject: { project: { id: string } } };

/** The last step's key is there once everything is. */
async function isComplete({ database }: FleetCore): Promise<boolean> {
  const last = demoRoles.at(-1)?.username;
  return (
    (await database.prisma.command.count({ where: { context: 'governance', key: `demo:role:${last}` } })) > 0
  );
}

function principalOf({ governance }: FleetCore, username: string) {
  const user = demoUsers.find((candidate) => candidate.username === username);
  if (!user) throw new Error(`There is no demo user ${username}`);
  const { subject, name, email } = user;
  return governance.calls.resolvePrincipal({ issuer: 'demo', subject, username, name, email });
}

/** Sends one mutation after the other as the principal: each sees what those before it wrote, in whatever context. */
function createSender({ engine }: FleetCore, principal: unknown) {
  let positions: Readonly<Record<string, string>> = {};
  return async function send<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const requestId = randomUUID();
    const signal = AbortSignal.timeout(30_000);
    const call = { principal, requestId, correlationId: requestId, positions, signal };
    const { text, positions: written } = await engine.execute({ query, variables }, call);
    positions = { ...positions, ...written };
    const { data, errors } = JSON.parse(text) as { data: Data | null; errors?: { message: string }[] };
    if (!data || errors)
      throw new Error(`The demo world could not be loaded: ${errors?.[0]?.message ?? text}`);
    return data;
  };
}
