import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEmbeddedCluster } from '../../../embedded/cluster/cluster.js';
import { buildWith } from '../../../platform/disposables.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import { type Job, jobs, pods } from '../../../platform/kubernetes/kinds.js';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import { LABELS } from '../kubernetes/names.js';
import { leadCluster } from '../leadCluster.js';
import { people, type ResourcesHarness, startResources } from '../resources.fixture.js';

const NAMESPACE = 'default';

/** Resources that lead a development cluster, in which the test runs jobs' pods itself. */
const startWithCluster = () =>
  buildWith(async ({ use }) => {
    const harness = use(await startResources());
    const { kubeconfig } = use(await createEmbeddedCluster());
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'test' }));
    let leading = await leadCluster(harness.app, { kubeconfig, onError: () => undefined });
    use({ [Symbol.asyncDispose]: () => leading[Symbol.asyncDispose]() });

    /** Pods that print a line every 20 ms for so long. */
    const run = (jobId: string, attempt: number, { seconds = 1, count = 1 } = {}) => {
      const delays = {
        'pod-log': '20ms',
        'pod-create': '10ms',
        'pod-ready': '10ms',
        'pod-complete': `${seconds}s`,
      };
      const annotations = Object.fromEntries(
        Object.entries(delays).map(([stage, delay]) => [`${stage}.stage.kwok.x-k8s.io/delay`, delay]),
      );
      return cluster.create<Job>(jobs, {
        metadata: { name: `${jobId.replace('_', '-')}-${attempt}`, namespace: NAMESPACE },
        spec: {
          completions: count,
          parallelism: count,
          completionMode: 'Indexed',
          template: {
            metadata: { annotations, labels: { [LABELS.job]: jobId, [LABELS.attempt]: String(attempt) } },
            spec: {
              restartPolicy: 'Never',
              tolerations: [{ operator: 'Exists' }],
              containers: [{ name: 'main', image: 'registry.example/train:1' }],
            },
          },
        },
      });
    };
    return Object.assign(harness, {
      cluster,
      run,
      /** The leader goes, and another one comes, after what happens in between. */
      async changeLeader(meanwhile: () => Promise<void> = async () => undefined) {
        await leading[Symbol.asyncDispose]();
        await meanwhile();
        leading = await leadCluster(harness.app, { kubeconfig, onError: () => undefined });
      },
      async untilComplete(jobId: string, attempt: number) {
        const ref = { namespace: NAMESPACE, name: `${jobId.replace('_', '-')}-${attempt}` };
        const isComplete = async () =>
          (await cluster.get(jobs, ref))?.status?.conditions?.some(({ type }) => type === 'Complete') ??
          false;
        await until('the job is complete', isComplete);
        return ref;
      },
    });
  });

type Line = { cursor: string; attempt: number; pod: number; at: string; line: string; isNotice: boolean };

const LOGS = `subscription ($id: ID!, $after: Cursor) {
  jobLogs(id: $id, after: $after) { cursor attempt pod at line isNotice } }`;

function open(harness: ResourcesHarness, principal: Principal, id: string, after: string | null = null) {
  const stop = new AbortController();
  const requestId = randomUUID();
  const call = { principal, requestId, correlationId: requestId, positions: {}, signal: stop.signal };
  const answers = harness.app.subgraph.subscribe({ document: LOGS, variables: { id, after } }, call);
  return {
    next: () => answers.next(),
    async frame(): Promise<Line[]> {
      const { value, done } = await answers.next();
      if (done) throw new Error('The feed ended');
      return dataOf<{ jobLogs: Line[] }>(value).jobLogs;
    },
    /** All that is left, to the end of the feed. */
    async rest(): Promise<Line[]> {
      const lines: Line[] = [];
      for (let { value, done } = await answers.next(); !done; { value, done } = await answers.next())
        lines.push(...dataOf<{ jobLogs: Line[] }>(value).jobLogs);
      return lines;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await answers.return?.();
    },
  };
}

/** The steps that a training tells of, which count from 1. */
const stepsOf = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => {
    const step = / step (\d+) loss/.exec(line)?.[1];
    return step === undefined ? [] : [Number(step)];
  });

const submit = async ({ append, app }: ResourcesHarness, id: string) => {
  await append('scheduling', id, { type: 'JobSubmitted', data: { id, projectId: 'vision' } });
  await until(
    'the job is known',
    async () => (await app.spine.database.prisma.knownJob.count({ where: { id } })) > 0,
  );
};
const succeed = ({ append }: ResourcesHarness, id: string) =>
  append('scheduling', id, { type: 'JobSucceeded', data: { endReason: 'COMPLETED', message: null } });

test('a log is shown as it is printed, attempt after attempt, ends with the job, and stays when its pods are gone', async () => {
  await using harness = await startWithCluster();
  await submit(harness, 'job_1');
  await using live = open(harness, people.colleague, 'job_1');
  const first = live.frame();
  await harness.run('job_1', 1);
  expect((await first)[0]).toMatchObject({ attempt: 1, pod: 0, line: 'main started', isNotice: false });
  await harness.cluster.delete(jobs, await harness.untilComplete('job_1', 1));
  await harness.run('job_1', 2, { count: 2 });
  await harness.cluster.delete(jobs, await harness.untilComplete('job_1', 2));
  await until('the pods are gone', async () => {
    const { items } = await harness.cluster.list(pods, { namespace: NAMESPACE });
    return items.length === 0;
  });
  await succeed(harness, 'job_1');
  const followed = [...(await first), ...(await live.rest())];

  await using later = open(harness, people.researcher, 'job_1');
  const read = await later.rest();
  const shown = (lines: readonly Line[]) => lines.map((line) => ({ ...line, cursor: null }));
  expect(shown(read)).toEqual(shown(followed));
  expect(read.map(({ attempt }) => attempt)).toEqual(
    read.map(({ attempt }) => attempt).toSorted((a, b) => a - b),
  );
  for (const [attempt, pod] of [
    [1, 0],
    [2, 0],
    [2, 1],
  ]) {
    const own = read.filter((line) => line.attempt === attempt && line.pod === pod).map(({ line }) => line);
    expect(own[0]).toBe('main started');
    expect(own.at(-1)).toBe('main ended: Completed (exit code 0)');
    const steps = stepsOf(own);
    expect(steps.length).toBeGreaterThan(20);
    expect(steps).toEqual(steps.map((_, n) => n + 1));
  }
  // Every cursor leads on without a gap, those too that were given out before their line was stored.
  for (const lines of [followed, read])
    for (const n of [0, 1, Math.floor(lines.length / 2), lines.length - 2, lines.length - 1]) {
      await using resumed = open(harness, people.colleague, 'job_1', lines[n]?.cursor);
      expect(shown(await resumed.rest())).toEqual(shown(read.slice(n + 1)));
    }
}, 60_000);

test('a log goes on under another leader, without a gap and without a line twice', async () => {
  await using harness = await startWithCluster();
  await submit(harness, 'job_2');
  await harness.run('job_2', 1, { seconds: 4 });
  await using live = open(harness, people.colleague, 'job_2');
  const lines = await live.frame();
  await harness.changeLeader();
  await harness.untilComplete('job_2', 1);
  await succeed(harness, 'job_2');
  lines.push(...(await live.rest()));
  const steps = stepsOf(lines.map(({ line }) => line));
  expect(steps.length).toBeGreaterThan(100);
  expect(steps).toEqual(steps.map((_, n) => n + 1));
  expect(lines.at(-1)?.line).toBe('main ended: Completed (exit code 0)');
}, 60_000);

test('a log ends although its pods went while nobody led', async () => {
  await using harness = await startWithCluster();
  await submit(harness, 'job_6');
  await harness.run('job_6', 1, { seconds: 60 });
  await using live = open(harness, people.colleague, 'job_6');
  expect((await live.frame())[0]?.line).toBe('main started');
  await harness.changeLeader(async () => {
    await harness.cluster.delete(jobs, { namespace: NAMESPACE, name: 'job-6-1' });
    const podsLeft = async () => (await harness.cluster.list(pods, { namespace: NAMESPACE })).items.length;
    await until('the pods are gone', async () => (await podsLeft()) === 0);
  });
  await succeed(harness, 'job_6');
  const steps = stepsOf((await live.rest()).map(({ line }) => line));
  expect(steps).toEqual(steps.map((_, n) => n + (steps[0] ?? 0)));
});

test('the log of a job that never ran is empty and ends with it', async () => {
  await using harness = await startResources();
  await submit(harness, 'job_3');
  await using live = open(harness, people.colleague, 'job_3');
  const rest = live.rest();
  await harness.append('scheduling', 'job_3', {
    type: 'JobCancelled',
    data: { endReason: 'CANCELLED', message: null },
  });
  expect(await rest).toEqual([]);
});

test('who does not see into the project is told that there is no such job, and a wrong cursor is refused', async () => {
  await using harness = await startResources();
  await submit(harness, 'job_4');
  const refusal = async (who: Principal, id: string, after: string | null = null) => {
    await using feed = open(harness, who, id, after);
    const { value } = await feed.next();
    return value && refusalOf(value)?.['code'];
  };
  for (const who of [people.stranger, people.auditor, people.operator, people.nobody])
    expect(await refusal(who, 'job_4')).toBe('NOT_FOUND');
  expect(await refusal(people.researcher, 'job_5')).toBe('NOT_FOUND');
  expect(await refusal(people.researcher, 'job_4', 'x')).toBe('BAD_USER_INPUT');
  const beyond = Buffer.from('log:job_4:zz').toString('base64url');
  expect(await refusal(people.researcher, 'job_4', beyond)).toBe('CURSOR_EXPIRED');
});
