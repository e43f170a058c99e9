import { expect, test } from 'vitest';
import { DEMO_SECONDS, playDemo } from '../../fleet/demo/demo.js';
import { createScreen } from '../../fleet/demo/screen.js';
import type { ServedFleet } from '../testkit/sharedFleet.js';

const LIMIT_MS = 120_000;

/** `measured` is false where the cluster has neither exporters of GPU metrics nor logs of pods. */
export function demoSuite(fleet: () => ServedFleet, measured: boolean): void {
  test('the demo plays the whole journey in under two minutes, and finds all as it should be', async () => {
    const written: string[] = [];
    const out = { write: (text: string) => written.push(text) > 0 };
    using screen = createScreen(out, { terminal: false, colours: false, totalSeconds: DEMO_SECONDS });
    const signal = AbortSignal.timeout(LIMIT_MS);
    const isAsPromised = await playDemo({ url: fleet().url, env: {}, screen, signal });
    const story = written.join('');
    expect({ isAsPromised, story: isAsPromised ? '' : story }).toEqual({ isAsPromised: true, story: '' });
    expect(story.includes('This cluster shows no GPU metrics')).toBe(!measured);
    expect(story.includes('This cluster keeps no logs')).toBe(!measured);
  });
}
