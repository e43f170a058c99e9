import type { Transport } from '../gateway/transports/transport.js';
import type { History } from '../platform/log/history.js';
import type { EventLog } from '../platform/log/log.js';
import { createTail } from '../platform/log/tail.js';
import { pause } from '../platform/pause.js';
import type { Log } from '../platform/telemetry/log.js';
import { changesAccess } from '../subgraphs/governance/accessEvents.js';

const TRY_AGAIN_MS = 250;

/**
 * Calls `onChange` as soon as governance, in another process, has stored that somebody's rights have changed, and
 * whenever that may have been missed. While governance is away it tries again.
 */
export function followAccess(options: {
  governance: History;
  eventLog: EventLog;
  onChange: () => void;
  log: Log;
}): AsyncDisposable {
  const stop = new AbortController();
  const following = follow(options, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

/**
 * The way to governance, which calls `onWrite` before it hands over the answer of a mutation that wrote: whoever has just
 * given or taken a right through this gateway sees it in the next call, without waiting for the event.
 */
export const noticingWrites = (governance: Transport, onWrite: () => void): Transport => ({
  ...governance,
  async execute(...call) {
    const response = await governance.execute(...call);
    if (response.extensions?.positions) onWrite();
    return response;
  },
});

async function follow(options: Parameters<typeof followAccess>[0], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await followOnce(options, signal);
    } catch (error) {
      options.log.debug({ error }, 'access events cannot be read, will try again');
      await pause(TRY_AGAIN_MS, signal);
    }
  }
}

async function followOnce(
  { governance, eventLog, onChange, log }: Parameters<typeof followAccess>[0],
  signal: AbortSignal,
): Promise<void> {
  const onError = (error: unknown) => log.debug({ error }, 'access events cannot be read, will try again');
  await using tail = await createTail({ history: governance, log: eventLog, onError });
  onChange();
  for await (const events of tail.from(tail.head(), signal)) if (events.some(changesAccess)) onChange();
}
