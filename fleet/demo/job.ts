import type { Done } from './begun.js';
import type { Blocker } from './blockers.js';
import type { Feed } from './feed.js';
import type { Money } from './money.js';
import type { Project } from './project.chapter.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame } from './surprise.js';

export type Job = { id: string; name: string; status: Feed<JobStatus> };

export type JobStatus = {
  type: string;
  job: { id: string; phase: string; queuePosition: number | null; blockers: { code: string }[] };
};

/** As `JobPage` shows it. */
export type JobPage = {
  id: string;
  phase: string;
  queuePosition: number | null;
  blockers: (Blocker & { rank: number; since: string | null })[];
  eta: { p50: string | null; p90: string | null } | null;
  attempts: {
    number: number;
    reason: string | null;
    exitCode: number | null;
    allocations: { gpu: { id: string; node: { name: string }; metrics: { utilization: number } | null } }[];
  }[];
  cost: { accrued: Money; ratePerHour: Money };
  producedVersions: { id: string; number: number }[];
  auditTrail: { edges: { node: { type: string } }[] };
};

const OVER = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'EXPIRED', 'UNSATISFIABLE'];

/** How long a simulated pod runs: development clusters and KWOK read it, others do not know it. */
const LENGTH = 'pod-complete.stage.kwok.x-k8s.io/delay';

/** What to submit: a job on so many GPUs that runs for so long in a simulated cluster. */
export const jobRequest = (
  { id: projectId, gpuModel }: Project,
  job: { name: string; gpus: number; seconds: number },
) => ({
  projectId,
  name: job.name,
  image: 'pytorch/pytorch',
  command: ['python', `${job.name}.py`],
  gpu: { modelIn: [gpuModel.id], count: job.gpus },
  maxRuntime: 'PT5M',
  annotations: [{ key: LENGTH, value: `${job.seconds}s` }],
});

type Submitted = { job: { id: string; phase: string }; approval: { id: string } | null };

/** Submits the job, watches it from then on, and sees to it that it ends. */
export async function submitJob(
  stage: Stage,
  request: ReturnType<typeof jobRequest>,
  planHash: string,
): Promise<Job> {
  const { researcher } = stage.cast;
  const { name } = request;
  const { job, approval } = await researcher.command<Submitted>('SubmitJob', { request, planHash });
  expectSame('the approval that a small job needs', null, approval?.id ?? null);
  stage.screen.tell(researcher.username, `submits the job ${name}: ${job.phase}`);
  const seen = ({ type, job: { phase } }: JobStatus) =>
    stage.screen.note(`JobStatus of ${name}  ${type}: ${phase}`);
  const status = researcher.watch<JobStatus>('JobStatus', { id: job.id }, seen);
  stage.begun.add(`the job ${name}`, (signal) => endJob({ ...stage, signal }, job.id, name));
  return { id: job.id, name, status };
}

export const readJob = ({ cast }: Pick<Stage, 'cast'>, id: string): Promise<JobPage> =>
  cast.researcher.read<JobPage>('JobPage', { id });

/** Waits until the job's feed shows the phase. */
export async function untilPhase({ screen }: Stage, { name, status }: Job, wanted: string): Promise<void> {
  const expected = `the job ${name} is ${wanted}`;
  screen.awaits(expected);
  await status.until(expected, ({ job: { phase } }) => phase === wanted || OVER.includes(phase));
  const last = status.items.at(-1)?.job.phase ?? 'unknown';
  if (OVER.includes(last)) expectSame(`the phase of the job ${name}`, 'SUCCEEDED', last);
}

async function endJob(stage: Stage, id: string, name: string): Promise<Done | null> {
  const { researcher } = stage.cast;
  const { phase } = await readJob(stage, id);
  if (OVER.includes(phase)) return null;
  await researcher.command('CancelJob', { id });
  await waitUntil(
    stage,
    `the job ${name} ends`,
    () => readJob(stage, id),
    (job) => OVER.includes(job.phase),
  );
  return { username: researcher.username, text: `cancels the job ${name}` };
}
