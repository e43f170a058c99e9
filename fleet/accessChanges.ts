import type { Transport } from '../gateway/transports/transport.js';
import { START } from '../platform/eventStore/event.js';
import type { History } from '../platform/log/history.js';
import type { EventLog } from '../platform/log/log.js';
import { createTail, type Tail } from '../platform/log/tail.js';
import { pause } from '../platform/pause.js';
import { createProgress } from '../platform/projection/progress.js';
import type { Log } from '../platform/telemetry/log.js';
import { changesAccess } from '../subgraphs/governance/accessEvents.js';

const TRY_AGAIN_MS = 250;
const CATCH_UP_MS = 1_000;
const POSITION = /^\d{1,18}$/;

export interface FollowedAccess extends AsyncDisposable {
  /**
   * Waits until every change up to a position of governance's is told, at most a second: what somebody has done through
   * another gateway counts in the next call through this one. Callers may have made the position up.
   */
  catchUp(position: string | undefined): Promise<void>;
}

/**
 * Calls `onChange` as soon as governance, in another process, has stored that somebody's rights have changed, and
 * whenever that may have been missed. While governance is away it tries again.
 */
export function followAccess(options: {
  governance: History;
  eventLog: EventLog;
  onChange: () => void;
  log: Log;
}): FollowedAccess {
  const stop = new AbortController();
  const progress = createProgress(START);
  let following: Tail | null = null;

  async function followOnce(): Promise<void> {
    const { governance, eventLog, onChange } = options;
    const onError = (error: unknown) => noteAway(error);
    await using tail = await createTail({ history: governance, log: eventLog, onError });
    const from = tail.head();
    following = tail;
    onChange();
    progress.moveTo(from);
    for await (const events of tail.from(from, stop.signal)) {
      if (events.some(changesAccess)) onChange();
      progress.moveTo(events.at(-1)?.position ?? progress.position);
    }
  }

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await followOnce();
      } catch (error) {
        noteAway(error);
        await pause(TRY_AGAIN_MS, stop.signal);
      }
    }
  }

  const noteAway = (error: unknown) =>
    options.log.debug({ error }, 'access events cannot be read, will try again');

  const running = follow();
  return {
    async catchUp(text) {
      if (text === undefined || !POSITION.test(text)) return;
      const position = BigInt(text);
      if (position <= progress.position) return;
      following?.expect(position);
      await progress.reaches(position, CATCH_UP_MS);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
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
