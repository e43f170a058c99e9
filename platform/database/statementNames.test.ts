import { expect, test } from 'vitest';
import { createStatementNames } from './statementNames.js';

test('the same text has one name, other texts have others, and their number has an end', () => {
  const nameOf = createStatementNames();
  const texts = Array.from({ length: 300 }, (_, n) => `SELECT ${n}`);
  const names = texts.map((sql) => nameOf({ sql }));
  expect(new Set(names).size).toBe(300);
  expect(texts.map((sql) => nameOf({ sql }))).toEqual(names);
  expect(nameOf({ sql: 'SELECT 300' })).toBe('');
  expect(createStatementNames()({ sql: 'COMMIT' })).toBe('');
});
