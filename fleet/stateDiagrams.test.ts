import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../platform/compiled.js';
import { drawPages, drawStates } from './stateDiagrams.js';

test('a diagram has each transition once, where a thing begins, and where it ends', () => {
  expect(
    drawStates({
      OPEN: { Paused: 'HELD', Closed: 'DONE', Dropped: 'DONE' },
      HELD: { Resumed: 'OPEN', Remarked: 'HELD' },
      DONE: {},
    }).split('\n'),
  ).toEqual([
    'stateDiagram-v2',
    '  [*] --> OPEN',
    '  OPEN --> HELD: Paused',
    '  OPEN --> DONE: Closed, Dropped',
    '  HELD --> OPEN: Resumed',
    '  HELD --> HELD: Remarked',
    '  DONE --> [*]',
  ]);
});

test.each(Object.entries(drawPages()))('%s shows the states as the tables have them', (path, drawn) => {
  expect(readFileSync(join(projectRoot, path), 'utf8')).toBe(drawn);
});
