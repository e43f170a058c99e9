import { expect, test } from 'vitest';
import { ID } from '../testkit/answers.js';
import { dataOf, refusalOf } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

/** A researcher's: jobs, and what their GPUs do. */
export function jobsSuite({ fleet, measured }: Setting): void {
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
