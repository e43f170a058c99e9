import { expect, test } from 'vitest';
import { mutate } from '../testkit/answers.js';
import { type Client, dataOf, newKey, refusalOf, startFleet } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const H100 = 'h100-sxm5-80gb';

type Submitted = { submitJob: { job: { id: string }; approval: { id: string } | null } };
type Line = { cursor: string; attempt: number; at: string; line: string };

test('the log of a gang holds all that its pods print, to their last words, and is nobody else’s', async () => {
  await using fleet = await startFleet();
  const tenant = await createTenant(fleet, { quotas: { [H100]: 16 }, monthlyBudget: '1000' });
  const delays = { 'pod-complete': '2s', 'pod-log': '50ms' };
  const request = {
    projectId: tenant.projectId,
    name: 'gang',
    image: 'pytorch/pytorch',
    command: ['python', 'train.py'],
    gpu: { modelIn: [H100], count: 16 },
    maxRuntime: 'PT10M',
    annotations: Object.entries(delays).map(([stage, delay]) => ({
      key: `${stage}.stage.kwok.x-k8s.io/delay`,
      value: delay,
    })),
  };
  const { submitJob } = await mutate<Submitted>(tenant.researcher, 'SubmitJob', { request });
  const { id } = submitJob.job;
  // So many GPUs need somebody's approval.
  await until('its approval is asked for', async () => {
    const answer = await tenant.administrator.run('DecideApproval', {
      input: { id: submitJob.approval?.id, decision: 'APPROVE', idempotencyKey: newKey() },
    });
    return answer.errors === undefined;
  });
  const live = await readLog(tenant.researcher, id);
  const texts = live.map(({ line }) => line);
  expect(texts.filter((text) => text === 'main started: python train.py')).toHaveLength(2);
  expect(texts.filter((text) => text === 'main ended: Completed (exit code 0)')).toHaveLength(2);
  expect(texts.some((text) => text.includes('\u001b[32mINFO\u001b[0m rank 1, 8 GPUs here'))).toBe(true);
  expect(live.every(({ attempt }) => attempt === 1)).toBe(true);
  const later = await readLog(tenant.researcher, id);
  expect(later.map(({ line }) => line)).toEqual(texts);
  const middle = Math.floor(live.length / 2);
  const rest = await readLog(tenant.researcher, id, live[middle]?.cursor);
  expect(rest.map(({ line }) => line)).toEqual(texts.slice(middle + 1));

  const stranger = await fleet.as('speech-researcher');
  const codes: unknown[] = [];
  for await (const answer of stranger.subscribe('JobLogs', { id })) codes.push(refusalOf(answer)?.code);
  expect(codes).toEqual(['NOT_FOUND']);
}, 120_000);

/** To the end of the feed, which is the end of the log. */
async function readLog(client: Client, id: string, after: string | null = null): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const answer of client.subscribe<{ jobLogs: Line[] }>('JobLogs', { id, after }))
    lines.push(...dataOf(answer).jobLogs);
  return lines;
}
