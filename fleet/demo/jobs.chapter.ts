import { times } from '../../contracts/decimal.js';
import { type Blocker, sentenceOf } from './blockers.js';
import { type Instance, terminateInstance } from './instance.chapter.js';
import { type Job, type JobPage, jobRequest, readJob, submitJob, untilPhase } from './job.js';
import { watchAtWork } from './atWork.js';
import { type Money, shown } from './money.js';
import type { Project } from './project.chapter.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame, expectThat } from './surprise.js';

const GPUS = 2;

/** What was done and what each thing cost. */
export type Worked = { trainingJobId: string; digest: string; costs: Money[] };

/**
 * While the instance has six of the project's eight GPUs, one job of two runs and a second one waits, until the instance
 * gives its GPUs back.
 */
export async function runJobs(stage: Stage, project: Project, instance: Instance): Promise<Worked> {
  const { cast, screen } = stage;
  await using events = cast.projectAdmin.watch<JobEvent>('JobEvents', { projectId: project.id });
  const training = await submit(stage, project, { name: 'train', seconds: 30 });
  await untilPhase(stage, training, 'RUNNING');
  const waiting = await submit(stage, project, { name: 'evaluate', seconds: 4 });
  await seeWhyItWaits(stage, waiting);

  const atWork = await watchAtWork(stage, training, times(project.gpuModel.pricePerHour.amount, GPUS));
  const instanceCost = await terminateInstance(stage, project, instance);
  await untilPhase(stage, waiting, 'RUNNING');
  screen.tell(cast.researcher.username, `sees ${waiting.name} start, now that there are GPUs for it`);
  await untilPhase(stage, waiting, 'SUCCEEDED');
  await untilPhase(stage, training, 'SUCCEEDED');
  const digest = await atWork.finish();

  const costs = [instanceCost, await billOf(stage, training), await billOf(stage, waiting)];
  for (const { id, name } of [training, waiting])
    await events.until(
      `${cast.projectAdmin.username} sees the end of ${name} among the project's events`,
      ({ job }) => job.id === id && job.phase === 'SUCCEEDED',
    );
  screen.tell(cast.projectAdmin.username, `has followed both by ${events.items.length} events`);
  return { trainingJobId: training.id, digest, costs };
}

type JobEvent = { type: string; job: { id: string; name: string; phase: string } };

type Plan = {
  planHash: string;
  feasible: boolean;
  estimate: { perHour: Money; total: Money };
  blockers: Blocker[];
};

async function submit(stage: Stage, project: Project, job: { name: string; seconds: number }): Promise<Job> {
  const { researcher } = stage.cast;
  const request = jobRequest(project, { ...job, gpus: GPUS });
  const plan = await researcher.read<Plan>('PlanJob', { input: request });
  const perHour = times(project.gpuModel.pricePerHour.amount, GPUS);
  expectSame(`the price per hour of ${job.name}`, perHour, plan.estimate.perHour.amount);
  const when = plan.feasible ? 'could start now' : 'would have to wait';
  stage.screen.tell(
    researcher.username,
    `plans ${job.name} on ${GPUS} GPUs: at most ${shown(plan.estimate.total)}, it ${when}`,
  );
  return submitJob(stage, request, plan.planHash);
}

/** It is told what is in the way, with numbers, and when it may start. */
async function seeWhyItWaits(stage: Stage, { id, name }: Job): Promise<void> {
  const { screen, cast } = stage;
  const page = await waitUntil(
    stage,
    `the job ${name} waits for quota, and it is known when it may start`,
    () => readJob(stage, id),
    ({ phase, blockers, eta }) =>
      phase === 'QUEUED' && blockers.some(({ code }) => code === 'QUOTA') && eta?.p90 != null,
  );
  const quota = page.blockers.find(({ code }) => code === 'QUOTA');
  expectSame('what it needs of the quota', String(GPUS), quota?.need ?? null);
  expectSame('what is free of the quota', '0', quota?.free ?? null);
  expectSame('its position in the queue', 1, page.queuePosition);
  screen.tell(cast.researcher.username, `asks why ${name} waits, at position ${page.queuePosition}`);
  for (const blocker of page.blockers) screen.note(sentenceOf(blocker));
  screen.note(expectationOf(page));
}

/** The earlier time needs a history of jobs that finished; the later one follows from the limits of what runs. */
function expectationOf({ eta }: JobPage): string {
  const inSeconds = (at: string) => `in ${Math.max(0, Math.round((Date.parse(at) - Date.now()) / 1000))} s`;
  const early = eta?.p50 == null ? '' : `${inSeconds(eta.p50)} as likely as not, `;
  return `It may start ${early}with 90 % certainty ${inSeconds(eta?.p90 ?? '')}.`;
}

/** What an ended job cost, once its bill is final. */
async function billOf(stage: Stage, { id, name }: Job): Promise<Money> {
  const page = await waitUntil(
    stage,
    `the bill of the job ${name} is final`,
    () => readJob(stage, id),
    ({ cost }) => cost.ratePerHour.amount === '0' && Number(cost.accrued.amount) > 0,
  );
  const [attempt, ...others] = page.attempts;
  expectThat(
    `${name} ended at its first attempt`,
    attempt !== undefined && others.length === 0,
    page.attempts,
  );
  expectSame(`the end of ${name}`, 'COMPLETED', attempt.reason);
  expectSame(`the exit code of ${name}`, 0, attempt.exitCode);
  expectSame(`the number of GPUs of ${name}`, GPUS, attempt.allocations.length);
  stage.screen.tell(stage.cast.researcher.username, `has paid ${shown(page.cost.accrued)} for ${name}`);
  return page.cost.accrued;
}
