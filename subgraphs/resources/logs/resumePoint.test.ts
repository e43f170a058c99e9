import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createResume, type ResumePoint, sinceOf } from './resumePoint.js';

const atOf = (ms: number) => `${new Date(1_700_000_000_000 + ms).toISOString().slice(0, -1)}000000Z`;

/** What a node sends from the second of the point on. */
const sentAgain = (log: readonly string[], point: ResumePoint | null) =>
  log.filter((at) => point === null || at >= sinceOf(point).replace('Z', '.'));

function readUpTo(log: readonly string[], from: ResumePoint | null, linesMax: number) {
  const resume = createResume(from);
  const fresh: string[] = [];
  for (const at of sentAgain(log, from).slice(0, linesMax)) if (resume.isNew(at)) fresh.push(at);
  return { fresh, point: resume.point };
}

/** Times of lines: many at once, seconds apart, and some a moment before the one in front of them. */
const logs = fc
  .array(fc.constantFrom(0, 0, 0, 1, 1, 400, 2_500), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    let ms = 0;
    return steps.map((step) => atOf((ms += step)));
  });

test('a log that is read with any breaks is read once, every line and in order', () => {
  fc.assert(
    fc.property(logs, fc.array(fc.nat(70), { maxLength: 12 }), (log, breaks) => {
      const read: string[] = [];
      let point: ResumePoint | null = null;
      for (const linesMax of [...breaks, Infinity]) {
        const { fresh, point: reached } = readUpTo(log, point, linesMax);
        read.push(...fresh);
        point = reached;
      }
      expect(read).toEqual(log);
    }),
  );
});

test('two outputs that were mixed a little out of order lose and repeat nothing', () => {
  const log = [atOf(0), atOf(20), atOf(19), atOf(22), atOf(21), atOf(30)];
  for (let at = 0; at <= log.length; at += 1) {
    const { fresh: before, point } = readUpTo(log, null, at);
    expect([...before, ...readUpTo(log, point, Infinity).fresh]).toEqual(log);
  }
});

test('if the node has begun a new file, what is newer than all that was read is new', () => {
  const { point } = readUpTo([atOf(0), atOf(10), atOf(20)], null, Infinity);
  expect(readUpTo([atOf(15), atOf(21), atOf(21)], point, Infinity).fresh).toEqual([atOf(21), atOf(21)]);
});
