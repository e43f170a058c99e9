import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PodLogLine } from './cluster.port.js';
import { readPodLog } from './podLog.js';

const AT = '2026-11-21T10:00:00.000000001Z';

/** A body that comes in pieces of the sizes, again and again. */
async function* piecesOf(text: string | Buffer, sizes: readonly number[]) {
  const bytes = Buffer.from(text as string);
  for (let start = 0, n = 0; start < bytes.length; n++) {
    const end = start + (sizes[n % sizes.length] ?? 1);
    yield new Uint8Array(bytes.subarray(start, end));
    start = end;
  }
}

async function read(text: string | Buffer, { sizes = [7], bytesMax = 100 } = {}): Promise<PodLogLine[]> {
  const lines: PodLogLine[] = [];
  for await (const batch of readPodLog(piecesOf(text, sizes), bytesMax)) lines.push(...batch);
  return lines;
}

const whole = (text: string, bytes = Buffer.byteLength(text)) => ({ at: AT, text, bytes, isWhole: true });

test('however a log is cut into pieces, its lines are the same', async () => {
  const texts = fc.array(
    fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\n', '')),
    { maxLength: 20 },
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(texts, sizes, async (lines, cuts) => {
      const log = lines.map((line) => `${AT} ${line}\n`).join('');
      expect(await read(log, { sizes: cuts, bytesMax: 1_000 })).toEqual(lines.map((line) => whole(line)));
    }),
  );
});

test('colours stay, and an empty line is one', async () => {
  const coloured = '\u001b[31mloss\u001b[0m\t0.31';
  expect(await read(`${AT} ${coloured}\n${AT} \n${AT}\n`)).toEqual([whole(coloured), whole(''), whole('')]);
});

test('a line that is longer than asked for is its beginning, cut between two characters', async () => {
  const log = `${AT} ${'a'.repeat(9)}€${'b'.repeat(1_000)}\n${AT} next\n`;
  expect(await read(log, { bytesMax: 11 })).toEqual([whole('aaaaaaaaa', 1_012), whole('next')]);
  expect(await read(log, { bytesMax: 12 })).toEqual([whole('aaaaaaaaa€', 1_012), whole('next')]);
});

test('a line of which only a part came says so', async () => {
  expect(await read(`${AT} one\n${AT} tw`)).toEqual([whole('one'), { ...whole('tw'), isWhole: false }]);
  expect(await read('')).toEqual([]);
});

test.each([
  ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000000000Z'],
  ['2026-11-21T10:00:00.5Z', '2026-11-21T10:00:00.500000000Z'],
  ['2026-11-21T11:30:00.123456789+01:30', '2026-11-21T10:00:00.123456789Z'],
])('%s is told as %s', async (written, told) => {
  expect(await read(`${written} x\n`)).toMatchObject([{ at: told, text: 'x' }]);
});

test('what the node itself says has no time', async () => {
  const said = 'unable to retrieve container logs for containerd://1';
  expect(await read(`${said}\n`)).toMatchObject([{ at: null, text: said }]);
});

test('a connection that is cut is an error, and what came before it was told', async () => {
  async function* cut() {
    yield new TextEncoder().encode(`${AT} one\n${AT} t`);
    throw new TypeError('terminated');
  }
  const lines: PodLogLine[] = [];
  const reading = async () => {
    for await (const batch of readPodLog(cut(), 100)) lines.push(...batch);
  };
  await expect(reading()).rejects.toMatchObject({ name: 'ClusterError', status: 0 });
  expect(lines).toEqual([whole('one')]);
});
