import type { Done } from './begun.js';
import { times } from '../../contracts/decimal.js';
import { type Blocker, sentenceOf } from './blockers.js';
import type { Feed } from './feed.js';
import { costOf, type Interval, type Money, shown } from './money.js';
import type { Project } from './project.chapter.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame, expectThat } from './surprise.js';

/** More than four in one request need an approval. */
const GPUS = 6;
const IMAGE = 'pytorch/pytorch';

export type Instance = { id: string; events: Feed<InstanceEvent> };
type InstanceEvent = { cursor: string; type: string; instance: { id: string; state: string } };

/** A researcher plans an instance that somebody else has to approve, asks for it, and watches it come up. */
export async function requestInstance(stage: Stage, project: Project): Promise<Instance> {
  const { researcher } = stage.cast;
  const request = {
    projectId: project.id,
    name: 'training',
    image: IMAGE,
    gpu: { modelIn: [project.gpuModel.id], count: GPUS },
    ports: [{ name: 'http', port: 8888 }],
  };
  const planHash = await plan(stage, project, request);
  const { instance, approval } = await researcher.command<Requested>('RequestInstance', {
    request,
    planHash,
  });
  expectSame('the state of the instance', 'AWAITING_APPROVAL', instance.state);
  expectThat('the request names a pending approval', approval?.status === 'PENDING', approval);
  stage.screen.tell(researcher.username, `asks for it: ${instance.state}, approval ${approval.id}`);

  const seen = ({ type, instance: { state } }: InstanceEvent) =>
    stage.screen.note(`InstanceEvents  ${type}: ${state}`);
  const events = researcher.watch<InstanceEvent>('InstanceEvents', { id: instance.id }, seen);
  stage.begun.add('the instance', (signal) => endInstance({ ...stage, signal }, instance.id));

  await approve(stage, approval.id, planHash);
  stage.screen.awaits('the instance runs');
  await events.until('the instance runs', (event) => event.instance.state === 'RUNNING');
  await lookAtIt(stage, project, instance.id);
  return { id: instance.id, events };
}

type Requested = {
  instance: { id: string; state: string };
  approval: { id: string; status: string } | null;
};

type Plan = {
  planHash: string;
  feasible: boolean;
  estimate: { perHour: Money; priceBookVersion: string };
  quotaEffect: { nominal: number; used: number; requested: number }[];
  budgetEffect: { limit: Money; held: Money };
  approvalsNeeded: { rule: string; reason: string }[];
  blockers: Blocker[];
};

async function plan({ cast, screen }: Stage, { gpuModel }: Project, input: object): Promise<string> {
  const found = await cast.researcher.read<Plan>('PlanInstance', { input });
  const { estimate, quotaEffect, approvalsNeeded, blockers } = found;
  const others = blockers.filter(({ code }) => code !== 'APPROVAL');
  expectThat('quota, money and devices allow the instance', found.feasible, others.map(sentenceOf).join(' '));
  expectSame('the price per hour', times(gpuModel.pricePerHour.amount, GPUS), estimate.perHour.amount);
  expectSame('what it takes of the quota', GPUS, quotaEffect[0]?.requested ?? 0);
  expectThat('the plan names an approval that is needed', approvalsNeeded.length > 0, found);
  screen.tell(
    cast.researcher.username,
    `plans ${GPUS} × ${gpuModel.name}: ${shown(estimate.perHour)} an hour by ${estimate.priceBookVersion}`,
  );
  for (const { reason } of approvalsNeeded) screen.note(`It needs an approval: ${reason}`);
  return found.planHash;
}

type Approvals = { edges: { node: { id: string; planHash: string; requestedBy: { id: string } } }[] };

/** Nobody decides about their own request; the project's administrator does. */
async function approve(stage: Stage, id: string, planHash: string): Promise<void> {
  const { projectAdmin, researcher } = stage.cast;
  const inbox = await waitUntil(
    stage,
    `${projectAdmin.username} is asked for the approval`,
    () => projectAdmin.read<Approvals>('Approvals', { first: 100 }),
    ({ edges }) => edges.some(({ node }) => node.id === id),
  );
  const asked = inbox.edges.find(({ node }) => node.id === id)?.node;
  expectSame('the plan that is to be approved', planHash, asked?.planHash ?? null);
  expectSame('who asks', researcher.id, asked?.requestedBy.id ?? null);

  const decision = { id, decision: 'APPROVE' };
  const message = await researcher.refusal('FORBIDDEN', 'DecideApproval', decision);
  stage.screen.tell(researcher.username, `may not approve it: ${message} (FORBIDDEN)`);
  const { approval } = await projectAdmin.command<{ approval: { status: string } }>('DecideApproval', {
    ...decision,
    comment: 'Go ahead.',
  });
  expectThat('the approval counts', ['APPROVED', 'EXECUTED'].includes(approval.status), approval.status);
  stage.screen.tell(projectAdmin.username, 'approves this very plan, once');
}

type Page = {
  state: string;
  endpoints: { name: string; url: string }[];
  allocations: (Interval & { gpu: { model: { id: string }; node: { name: string } } })[];
  provisioningSteps: { name: string; state: string }[];
  cost: { accrued: Money; ratePerHour: Money };
};

const readPage = ({ cast }: Pick<Stage, 'cast'>, id: string) =>
  cast.researcher.read<Page>('InstancePage', { id });

async function lookAtIt(stage: Stage, { gpuModel }: Project, id: string): Promise<void> {
  const page = await readPage(stage, id);
  const open = page.allocations.filter(({ to }) => to === null);
  expectSame('the number of its GPUs', GPUS, open.length);
  expectThat(
    `all of them are ${gpuModel.id}`,
    open.every(({ gpu }) => gpu.model.id === gpuModel.id),
    open,
  );
  expectSame('its rate', times(gpuModel.pricePerHour.amount, GPUS), page.cost.ratePerHour.amount);
  const unfinished = page.provisioningSteps.filter(({ state }) => state !== 'SUCCEEDED');
  expectThat('all steps have succeeded', unfinished.length === 0, unfinished);
  const where = [...new Set(open.map(({ gpu }) => gpu.node.name))].join(', ');
  stage.screen.tell(stage.cast.researcher.username, `has ${GPUS} × ${gpuModel.name} on ${where}`);
  for (const { name, url } of page.endpoints) stage.screen.note(`${name}: ${url}`);
}

/** Ends the instance, and checks its bill to the last digit. What it cost. */
export async function terminateInstance(stage: Stage, project: Project, instance: Instance): Promise<Money> {
  const { researcher } = stage.cast;
  await researcher.command('TerminateInstance', { id: instance.id });
  stage.screen.tell(researcher.username, 'terminates the instance');
  await instance.events.until('the instance ends', ({ instance: { state } }) => state === 'TERMINATED');
  const { gpuModel } = project;
  const page = await waitUntil(
    stage,
    'the bill of the instance is milliseconds × rate ÷ 3,600,000, to 9 decimals per GPU',
    () => readPage(stage, instance.id),
    ({ allocations, cost }) =>
      allocations.every(({ to }) => to !== null) &&
      cost.accrued.amount === costOf(allocations, gpuModel.pricePerHour.amount),
  );
  expectSame('the rate of what has ended', '0', page.cost.ratePerHour.amount);
  stage.screen.tell(researcher.username, `has paid ${shown(page.cost.accrued)} for it, exactly`);
  return page.cost.accrued;
}

const OVER = ['TERMINATED', 'FAILED'];

async function endInstance(stage: Stage, id: string): Promise<Done | null> {
  const { researcher } = stage.cast;
  const { state } = await readPage(stage, id);
  if (OVER.includes(state)) return null;
  if (state !== 'TERMINATING') await researcher.command('TerminateInstance', { id });
  await waitUntil(
    stage,
    'the instance ends',
    () => readPage(stage, id),
    (page) => OVER.includes(page.state),
  );
  return { username: researcher.username, text: 'terminates the instance' };
}
