import { randomBytes } from 'node:crypto';
import { times } from '../../contracts/decimal.js';
import { type Money, shown } from './money.js';
import type { Person } from './person.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame, expectThat } from './surprise.js';

/** The project that the story plays in: new at every run, so that nobody else's quota or money is touched. */
export type Project = { id: string; key: string; budgetId: string; gpuModel: GpuModel };

export type GpuModel = { id: string; name: string; available: number; pricePerHour: Money };

/** GPUs that the project may have at one time, and what they would cost in an hour: its budget. */
const NOMINAL = 8;

/** The organisation's administrator makes a project, with people, a share of the fleet and money. */
export async function openProject(stage: Stage): Promise<Project> {
  const { orgAdmin, projectAdmin, researcher } = stage.cast;
  const gpuModel = await chooseModel(orgAdmin);
  const price = shown(gpuModel.pricePerHour);
  stage.screen.tell(
    orgAdmin.username,
    `chooses ${gpuModel.name}: ${gpuModel.available} free, ${price} an hour`,
  );

  const { id, key } = await createProject(stage);
  await setQuota(stage, { projectId: id, gpuModel, nominal: NOMINAL });
  const budgetId = await createBudget(stage, id, gpuModel);
  await bindRole(stage, projectAdmin, 'ProjectAdmin', id);
  await bindRole(stage, researcher, 'Researcher', id);
  await waitUntil(
    stage,
    `${researcher.username} sees the project`,
    () => researcher.read<Me>('Me'),
    ({ projects }) => projects.edges.some(({ node }) => node.id === id),
  );
  return { id, key, budgetId, gpuModel };
}

type Me = { projects: { edges: { node: { id: string } }[] } };
type Listed = Omit<GpuModel, 'pricePerHour'> & { pricePerHour: Money | null };

/** The dearest model of which there are enough. */
async function chooseModel(person: Person): Promise<GpuModel> {
  const catalogue = await person.read<Listed[]>('GpuCatalogue');
  const [dearest] = catalogue
    .flatMap(({ pricePerHour, ...model }) => (pricePerHour ? [{ ...model, pricePerHour }] : []))
    .filter(({ available }) => available >= NOMINAL)
    .sort((a, b) => Number(b.pricePerHour.amount) - Number(a.pricePerHour.amount));
  const free = catalogue.map(({ id, available }) => `${available} × ${id}`).join(', ');
  expectThat(`${NOMINAL} GPUs of a model with a price are free`, dearest !== undefined, free);
  return dearest;
}

type Created = { project: { id: string; key: string; status: string; createdBy: { id: string } } };

async function createProject({ cast: { orgAdmin }, screen }: Stage): Promise<{ id: string; key: string }> {
  const input = { key: `demo-${randomBytes(4).toString('hex')}`, name: 'Demo' };
  const { project } = await orgAdmin.command<Created>('CreateProject', input);
  expectSame('the project', 'ACTIVE', project.status);
  expectSame('who created it', orgAdmin.id, project.createdBy.id);
  screen.tell(orgAdmin.username, `creates the project ${project.key}`);
  return project;
}

type Quota = { quota: { nominal: number; used: number } };

async function setQuota(
  { cast: { orgAdmin }, screen, begun }: Stage,
  quota: { projectId: string; gpuModel: GpuModel; nominal: number },
): Promise<void> {
  const { projectId, gpuModel } = quota;
  const set = async (nominal: number) => {
    const input = { projectId, gpuModelId: gpuModel.id, nominal };
    const answer = await orgAdmin.command<Quota>('SetQuota', input);
    expectSame('the nominal quota', nominal, answer.quota.nominal);
  };
  await set(quota.nominal);
  screen.tell(orgAdmin.username, `gives it a quota of ${quota.nominal} × ${gpuModel.name} at one time`);
  begun.add('the quota', async () => {
    await set(0);
    return { username: orgAdmin.username, text: 'takes the quota back' };
  });
}

type Budget = { budget: { id: string; amount: Money; spent: Money; status: string } };

async function createBudget(
  { cast: { orgAdmin }, screen }: Stage,
  projectId: string,
  { pricePerHour: { amount: perHour, currency } }: GpuModel,
): Promise<string> {
  const amount = { amount: times(perHour, NOMINAL), currency };
  const { budget } = await orgAdmin.command<Budget>('CreateBudget', { projectId, period: 'MONTH', amount });
  expectSame('the amount of the budget', amount.amount, budget.amount.amount);
  expectSame('the state of a new budget', 'OK', budget.status);
  screen.tell(orgAdmin.username, `and a budget of ${shown(budget.amount)} a month`);
  return budget.id;
}

type Bound = { roleBinding: { id: string; role: string } };

async function bindRole(
  { cast: { orgAdmin }, screen, begun }: Stage,
  person: Person,
  role: string,
  projectId: string,
): Promise<void> {
  const input = { subject: { userId: person.id }, role, projectId };
  const { roleBinding } = await orgAdmin.command<Bound>('BindRole', input);
  expectSame('the role', role, roleBinding.role);
  screen.tell(orgAdmin.username, `makes ${person.username} its ${role}`);
  begun.add(`the role of ${person.username}`, async () => {
    await orgAdmin.command('RevokeRole', { id: roleBinding.id });
    return { username: orgAdmin.username, text: `revokes the role of ${person.username}` };
  });
}
