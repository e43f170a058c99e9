import { pause } from '../../../platform/pause.js';

/** What changes within this time of a pass is looked at together: bursts are long, and passes look at everything. */
const REST_MS = 50;
const BACK_OFF_MS = 250;
const BACK_OFF_MAX_MS = 2_000;

export interface Loop extends AsyncDisposable {
  /** Something may have changed: run a pass soon. Pokes during a pass lead to one more. */
  poke(): void;
}

/**
 * Runs `pass` whenever poked, one at a time. A pass that fails is tried again with growing pauses. A pass compares what
 * should be with what is, so that running it once more does no harm and missing a poke only delays.
 */
export function runLoop(options: { pass: () => Promise<void>; onError: (error: unknown) => void }): Loop {
  const stop = new AbortController();
  let poked = true;
  let wake: () => void = () => undefined;

  async function run(): Promise<void> {
    let failures = 0;
    while (!stop.signal.aborted) {
      if (!poked) await new Promise<void>((resolve) => (wake = resolve));
      poked = false;
      if (stop.signal.aborted) return;
      try {
        await options.pass();
        failures = 0;
        await pause(REST_MS, stop.signal);
      } catch (error) {
        options.onError(error);
        poked = true;
        await pause(Math.min(BACK_OFF_MS * 2 ** failures++, BACK_OFF_MAX_MS), stop.signal);
      }
    }
  }

  const running = run();
  const poke = () => {
    poked = true;
    wake();
  };
  return {
    poke,
    async [Symbol.asyncDispose]() {
      stop.abort();
      wake();
      await running;
    },
  };
}
