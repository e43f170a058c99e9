import { expect, test } from 'vitest';
import { type Edges, ID, type Money, mutate, nodes, usd } from '../testkit/answers.js';
import { type Client, dataOf, refusalOf } from '../testkit/fleet.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

type Blocker = { code: string; rank: number; need: string; free: string; unit: string; action: string };
type Job = { id: string; phase: string; queuePosition: number | null };
type Page = Job & {
  name: string;
  blockers: (Blocker & { since: string })[];
  attempts: {
    number: number;
    startedAt: string | null;
    endedAt: string | null;
    reason: string | null;
    exitCode: number | null;
    allocations: { gpu: { id: string; model: { name: string }; metrics: { utilization: number } | null } }[];
  }[];
  cost: { accrued: Money; ratePerHour: Money };
  producedVersions: object[];
  project: { id: string; budgets: { status: string }[] };
  auditTrail: Edges<{ type: string; actor: { displayName: string } }>;
};
type Item = { cursor: string; type: string; job: { id: string; name: string; phase: string } };
type Line = { cursor: string; attempt: number; at: string; line: string };

/** A job on two GPUs whose pod runs for so long. */
const requestOf = ({ projectId }: Tenant, name: string, seconds: number) => ({
  projectId,
  name,
  image: 'pytorch/pytorch',
  command: ['python', 'train.py'],
  gpu: { modelIn: [H100], count: 2 },
  maxRuntime: 'PT10M',
  annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: `${seconds}s` }],
});

/** A researcher's: jobs, and what their GPUs do. */
export function jobsSuite({ fleet, measured }: Setting): void {
  const pageOf = async (client: Client, id: string) =>
    dataOf(await client.run<{ job: Page }>('JobPage', { id })).job;

  const submit = (client: Client, request: object, planHash?: string) =>
    mutate<{ submitJob: { job: Job } }>(client, 'SubmitJob', { request, planHash });

  /** Follows the job's own feed until it is there. */
  async function reaches(client: Client, id: string, phase: string): Promise<void> {
    for await (const answer of client.subscribe<{ jobStatus: Item }>('JobStatus', { id })) {
      const { jobStatus } = dataOf(answer);
      expect(jobStatus.cursor).toBeTruthy();
      if (jobStatus.job.phase === phase) return;
    }
    throw new Error(`The feed of ${id} ended before it was ${phase}`);
  }

  test('a job is planned, submitted and watched at work; the next says why it waits, and starts once it may', async () => {
    const tenant = await createTenant(fleet(), { quotas: { [H100]: 2 }, monthlyBudget: '100' });
    const { projectId, researcher: client } = tenant;
    const seen: Item[] = [];
    const events = client.subscribe<{ jobEvents: Item }>('JobEvents', { projectId });
    const listening = (async () => {
      for await (const answer of events) seen.push(dataOf(answer).jobEvents);
    })();
    // A test that has failed before does not wait for it.
    listening.catch(() => {});

    const request = requestOf(tenant, 'long', 600);
    const { planJob } = dataOf(
      await client.run<{ planJob: { planHash: string } }>('PlanJob', { input: request }),
    );
    expect(planJob).toEqual({
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      feasible: true,
      estimate: {
        perHour: usd('5.98'),
        total: usd('0.996666667'),
        priceBookVersion: 'example-2026-11',
      },
      blockers: [],
    });
    const submitted = await submit(client, request, planJob.planHash);
    const { id } = submitted.submitJob.job;
    expect(submitted).toMatchObject({
      submitJob: { eventId: ID, version: 2, job: { id, phase: 'QUEUED' }, approval: null },
    });
    await reaches(client, id, 'RUNNING');
    await until(
      'its cost is known',
      async () => (await pageOf(client, id)).cost.ratePerHour.amount === '5.98',
    );
    const running = await pageOf(client, id);
    expect(running).toMatchObject({
      id,
      name: 'long',
      phase: 'RUNNING',
      observedAt: ID,
      queuePosition: null,
      blockers: [],
      attempts: [{ number: 1, startedAt: ID, endedAt: null, reason: null, exitCode: null }],
      producedVersions: [],
      project: { id: projectId, budgets: [{ id: ID, status: 'OK' }] },
    });
    const devices = running.attempts[0]?.allocations.map(({ gpu }) => gpu) ?? [];
    expect(devices.map(({ model }) => model.name)).toEqual(['H100 SXM5 80 GB', 'H100 SXM5 80 GB']);
    if (measured) await seeItWork(client, id, new Set(devices.map((gpu) => gpu.id)));

    const waiting = (await submit(client, requestOf(tenant, 'short', 1))).submitJob.job.id;
    await until('it waits for quota', async () => (await pageOf(client, waiting)).blockers.length > 0);
    const page = await pageOf(client, waiting);
    expect(page).toMatchObject({ phase: 'QUEUED', queuePosition: 1, attempts: [] });
    expect(page.blockers).toEqual([
      { code: 'QUOTA', rank: 1, need: '2', free: '0', unit: 'GPU', action: ID, since: ID },
    ]);
    await checkList(client, projectId, { id: waiting, name: 'short' });

    const cancelled = await mutate<{ cancelJob: object }>(client, 'CancelJob', { id });
    expect(cancelled).toMatchObject({ cancelJob: { eventId: ID, job: { id, phase: 'COMPLETING' } } });
    await reaches(client, id, 'CANCELLED');
    await reaches(client, waiting, 'SUCCEEDED');

    const ended = await pageOf(client, waiting);
    expect(ended.attempts).toMatchObject([
      { number: 1, startedAt: ID, endedAt: ID, reason: 'COMPLETED', exitCode: 0 },
    ]);
    expect(Number(ended.cost.accrued.amount)).toBeGreaterThan(0);
    const log: Line[] = [];
    for await (const answer of client.subscribe<{ jobLogs: Line[] }>('JobLogs', { id: waiting }))
      log.push(...dataOf(answer).jobLogs);
    expect(new Set(log.map(({ cursor }) => cursor)).size).toBe(log.length);
    if (measured) expect(log.length).toBeGreaterThan(0);
    const ends = { [id]: 'CANCELLED', [waiting]: 'SUCCEEDED' };
    for (const [jobId, phase] of Object.entries(ends))
      await until('the project’s feed shows its end', () =>
        seen.some(({ job }) => job.id === jobId && job.phase === phase),
      );
    await events.return?.();
    await listening;
    await until('the trail is told', async () =>
      nodes((await pageOf(client, waiting)).auditTrail).some(
        ({ type, actor }) => type === 'JobSubmitted' && actor.displayName === 'Rita Vision',
      ),
    );
  });

  /** Its metrics and its log, live, and the same log once more from its start. */
  async function seeItWork(client: Client, jobId: string, devices: ReadonlySet<string>): Promise<void> {
    for await (const answer of client.subscribe<{ gpuMetrics: Sample[] }>('GpuMetrics', {
      selector: { jobId },
      maxHz: 5,
    })) {
      const { gpuMetrics } = dataOf(answer);
      if (!gpuMetrics.some(({ utilization }) => utilization > 0)) continue;
      expect(new Set(gpuMetrics.map(({ gpu }) => gpu.id))).toEqual(devices);
      expect(gpuMetrics.every(({ job }) => job?.id === jobId)).toBe(true);
      break;
    }
    const log = await firstLines(client, jobId, null, 6);
    expect(log.every(({ attempt }) => attempt === 1)).toBe(true);
    const again = await firstLines(client, jobId, log[2]?.cursor ?? null, 3);
    expect(again.map(({ line }) => line)).toEqual(log.slice(3).map(({ line }) => line));
  }

  async function firstLines(
    client: Client,
    id: string,
    after: string | null,
    count: number,
  ): Promise<Line[]> {
    const lines: Line[] = [];
    for await (const answer of client.subscribe<{ jobLogs: Line[] }>('JobLogs', { id, after })) {
      lines.push(...dataOf(answer).jobLogs);
      if (lines.length >= count) break;
    }
    return lines.slice(0, count);
  }

  type Listed = { jobs: Edges<{ id: string; name: string; phase: string }> & { totalCount: number } };

  async function checkList(client: Client, projectId: string, queued: { id: string; name: string }) {
    const list = async (variables: object) =>
      dataOf(await client.run<Listed>('Jobs', { projectId, first: 1, ...variables })).jobs;
    const all = await list({});
    expect(all).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    const rest = await list({ after: all.pageInfo.endCursor });
    expect(rest.pageInfo.hasNextPage).toBe(false);
    expect([...nodes(all), ...nodes(rest)].map(({ name }) => name).sort()).toEqual(['long', 'short']);
    const waiting = await list({ filter: { phaseIn: ['QUEUED'] }, first: 10 });
    expect(waiting.totalCount).toBe(1);
    expect(nodes(waiting)).toMatchObject([{ ...queued, phase: 'QUEUED', queuePosition: 1 }]);
  }

  type Sample = {
    at: string;
    skipped: number;
    gpu: { id: string; uuid: string | null; node: { name: string } };
    utilization: number;
    memoryUsedMiB: number;
    powerW: number;
    temperatureC: number;
    job: { id: string; name: string } | null;
  };

  test('the metrics of GPUs are delivered frame by frame, to those who may see them', async () => {
    const tenant = await createTenant(fleet(), { quotas: { [H100]: 1 } });
    const strangers = await fleet().as('speech-researcher');
    for await (const answer of strangers.subscribe('GpuMetrics', {
      selector: { projectId: tenant.projectId },
    })) {
      expect(refusalOf(answer)?.code).toBe('NOT_FOUND');
      break;
    }
    if (!measured) return;

    const operator = await fleet().as('operator');
    const variables = { selector: { nodeId: 'eu-1/h100-1' }, maxHz: 5 };
    const frames: Sample[][] = [];
    for await (const answer of operator.subscribe<{ gpuMetrics: Sample[] }>('GpuMetrics', variables)) {
      frames.push(dataOf(answer).gpuMetrics);
      if (frames.length === 2) break;
    }
    expect(frames[0]).toHaveLength(8);
    for (const sample of frames.flat())
      expect(sample).toMatchObject({
        at: ID,
        gpu: { id: expect.stringMatching(/^eu-1\/h100-1\/[0-7]$/) as string, node: { name: 'h100-1' } },
        utilization: expect.any(Number) as number,
        memoryUsedMiB: expect.any(Number) as number,
        powerW: expect.any(Number) as number,
        temperatureC: expect.any(Number) as number,
        job: null,
      });
  });
}
