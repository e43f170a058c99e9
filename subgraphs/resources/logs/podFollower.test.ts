import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PodLogOptions } from '../../../platform/kubernetes/cluster.port.js';
import { ClusterError } from '../../../platform/kubernetes/clusterError.js';
import { readPodLog } from '../../../platform/kubernetes/podLog.js';
import { LINE_BYTES_MAX } from './logLine.js';
import { type FollowOptions, followPod, type Told } from './podFollower.js';
import type { ResumePoint } from './resumePoint.js';

const UID = 'pod-1';
const atOf = (ms: number) => `${new Date(1_700_000_000_000 + ms).toISOString().slice(0, -1)}000000Z`;

type Line = { at: string; text: string };
type Connection = { bytesMax: number; isBroken: boolean };

/** A node that sends its log anew over each connection, up to some bytes; the last connection is sound. */
function createNode(
  lines: readonly Line[],
  connections: Connection[],
  { isOver = true, lastEnds = true } = {},
) {
  const bytesOf = (since = '') =>
    Buffer.from(
      lines
        .filter(({ at }) => at >= since.replace('Z', '.'))
        .map(({ at, text }, n, all) => `${at} ${text}${lastEnds || n < all.length - 1 ? '\n' : ''}`)
        .join(''),
    );
  async function* body(options: PodLogOptions): AsyncGenerator<Uint8Array> {
    const connection = connections.shift();
    const bytes = bytesOf(options.sinceTime);
    if (!connection) return void (yield bytes);
    yield bytes.subarray(0, connection.bytesMax);
    if (connection.isBroken) throw new TypeError('terminated');
  }
  const state = () =>
    isOver && connections.length === 0 ? { terminated: { exitCode: 0 } } : { running: {} };
  return {
    get: async () =>
      ({
        metadata: { name: 'train', uid: UID, resourceVersion: '1' },
        status: { containerStatuses: [{ state: state() }] },
      }) as never,
    podLog: (_ref: unknown, options: PodLogOptions) => readPodLog(body(options), options.lineBytesMax),
  } satisfies FollowOptions['cluster'];
}

const never = new AbortController().signal;

async function follow(
  cluster: FollowOptions['cluster'],
  from: ResumePoint | null = null,
  { over = never, silenceMs = 200 } = {},
) {
  const told: Told[] = [];
  let resume = from;
  await followPod({
    cluster,
    ref: { namespace: 'vision', name: 'train' },
    uid: UID,
    from,
    add: async (lines, reached) => {
      told.push(...lines);
      resume = reached;
    },
    onError: () => undefined,
    signal: new AbortController().signal,
    over,
    pauseMinMs: 0,
    silenceMs,
  });
  return { told, resume, texts: told.map(({ text }) => text) };
}

const lines = fc
  .array(fc.record({ step: fc.constantFrom(0, 0, 3, 700), text: fc.string({ maxLength: 12 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((drawn) => {
    let ms = 0;
    return drawn.map(({ step, text }, n) => ({
      at: atOf((ms += step)),
      text: `${n} ${text.replaceAll(/[\n\r]/g, '')}`,
    }));
  });
const breaks = fc.array(fc.record({ bytesMax: fc.nat(1_500), isBroken: fc.boolean() }), { maxLength: 6 });

test('over connections that break or end anywhere every line is read once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(lines, breaks, async (log, connections) => {
      const { texts } = await follow(createNode(log, [...connections]));
      expect(texts).toEqual(log.map(({ text }) => text));
    }),
  );
});

test('a process that goes on where another stopped reads what follows, and nothing again', async () => {
  const log = [0, 0, 1, 1, 900].map((ms, n) => ({ at: atOf(ms), text: `line ${n}` }));
  const { resume } = await follow(createNode(log.slice(0, 4), []));
  expect((await follow(createNode(log, []), resume)).texts).toEqual(['line 4']);
});

test('the last line of a container that ended needs no end', async () => {
  const { texts } = await follow(
    createNode(
      [
        { at: atOf(0), text: 'one' },
        { at: atOf(1), text: 'tw' },
      ],
      [],
      { lastEnds: false },
    ),
  );
  expect(texts).toEqual(['one', 'tw']);
});

test('what a pod printed last without the end of a line is kept when it is gone', async () => {
  const log = [0, 1].map((ms) => ({ at: atOf(ms), text: `line ${ms}` }));
  const node = createNode(log, [{ bytesMax: 1_000, isBroken: false }], { lastEnds: false });
  let looks = 0;
  const get = async () => ((looks += 1) === 1 ? node.get() : null);
  expect((await follow({ ...node, get })).texts).toEqual(['line 0', 'line 1']);
});

test('a line that is too long is cut, and says how long it was', async () => {
  const text = 'x'.repeat(3 * LINE_BYTES_MAX);
  const { texts } = await follow(createNode([{ at: atOf(0), text }], []));
  expect(texts).toEqual([`${'x'.repeat(LINE_BYTES_MAX)} … [cut: the line has 49,152 bytes]`]);
});

test('a log that is refused is told once, tried again with pauses, and given up when its pod has ended', async () => {
  let calls = 0;
  const refused = createNode([], []);
  const { told } = await follow({
    ...refused,
    // oxlint-disable-next-line require-yield
    async *podLog() {
      calls += 1;
      throw new ClusterError(400, 'BadRequest', 'no logs found for container "main"');
    },
  });
  expect(told).toEqual([
    {
      at: expect.any(String),
      text: 'The log of this pod cannot be read: no logs found for container "main"',
      isNotice: true,
    },
  ]);
  expect(calls).toBe(5);
});

test('a pod that is gone, or another one under its name, has no more to read', async () => {
  const node = createNode([{ at: atOf(0), text: 'not mine' }], []);
  expect((await follow({ ...node, get: async () => null })).texts).toEqual([]);
  const other = async () => ({ metadata: { name: 'train', uid: 'pod-2', resourceVersion: '1' } }) as never;
  expect((await follow({ ...node, get: other })).texts).toEqual([]);
});

test('a connection that died without a word is made anew', async () => {
  const node = createNode([{ at: atOf(0), text: 'one' }], []);
  let calls = 0;
  const stalling: FollowOptions['cluster']['podLog'] = async function* (ref, options) {
    calls += 1;
    if (calls > 1) return yield* node.podLog(ref, options);
    await new Promise((_, reject) =>
      options.signal.addEventListener('abort', () => reject(new Error('aborted'))),
    );
  };
  const { texts } = await follow({ ...node, podLog: stalling });
  expect(texts).toEqual(['one']);
  expect(calls).toBe(2);
});

test('a log that its node leaves open is read to its end once the pod is over', async () => {
  const node = createNode([{ at: atOf(0), text: 'one' }], []);
  const over = new AbortController();
  let follows = 0;
  const leftOpen: FollowOptions['cluster']['podLog'] = async function* (ref, options) {
    yield* node.podLog(ref, options);
    if (!options.follow) return;
    follows += 1;
    setImmediate(() => over.abort());
    await new Promise((_, reject) =>
      options.signal.addEventListener('abort', () => reject(new Error('aborted'))),
    );
  };
  let looks = 0;
  const get = async () =>
    (looks += 1) > 1
      ? node.get()
      : ({ metadata: { uid: UID }, status: { containerStatuses: [{ state: { running: {} } }] } } as never);
  const { texts } = await follow({ podLog: leftOpen, get }, null, {
    over: over.signal,
    silenceMs: 3_600_000,
  });
  expect({ texts, follows }).toEqual({ texts: ['one'], follows: 1 });
});
