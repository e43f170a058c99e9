import { expect, test } from 'vitest';
import { stageDelayMs } from './delays.js';

const pod = (annotations: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'train-1', uid: 'u', resourceVersion: '1', annotations },
});

test.each([
  ['20 s without annotations', {}, 20_000, 20_000],
  ['the delay alone', { delay: '1m30s' }, 90_000, 90_000],
  ['half a second', { delay: '0.5s', 'jitter-delay': '500ms' }, 500, 500],
  ['between delay and jitter', { delay: '1s', 'jitter-delay': '3s' }, 1_000, 3_000],
  [
    'the jitter when it is the shorter one, as KWOK has it',
    { delay: '30s', 'jitter-delay': '5s' },
    5_000,
    5_000,
  ],
  ['the default for what is no duration', { delay: 'soon' }, 20_000, 20_000],
])('a job runs for %s', (_title, settings, min, max) => {
  const annotations = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`pod-complete.stage.kwok.x-k8s.io/${name}`, value]),
  );
  for (let round = 0; round < 20; round += 1) {
    const delayMs = stageDelayMs(pod(annotations), 'pod-complete');
    expect(delayMs).toBeGreaterThanOrEqual(min);
    expect(delayMs).toBeLessThanOrEqual(max);
  }
});
