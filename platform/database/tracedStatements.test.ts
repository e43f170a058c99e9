import { expect, test } from 'vitest';
import { nameOf } from './tracedStatements.js';

test.each([
  ['SELECT "eventlog"."event"."id" FROM "eventlog"."event" WHERE 1=1', 'SELECT eventlog.event'],
  [
    'SELECT COUNT(*) FROM (SELECT "a"."id" FROM "resources"."instance" AS "a") AS x',
    'SELECT resources.instance',
  ],
  ['\n  SELECT eventlog.append($1, $2, $3::jsonb)::text AS position', 'SELECT eventlog.append'],
  ['INSERT INTO "eventlog"."command" ("key") VALUES ($1)', 'INSERT eventlog.command'],
  ['update eventlog.command set result = $1', 'UPDATE eventlog.command'],
  ['DELETE FROM "eventlog"."timer" WHERE "key" = $1', 'DELETE eventlog.timer'],
  ['SELECT 1', 'SELECT'],
  ['', 'STATEMENT'],
])('a statement is named by what it does to what: %s', (sql, name) => {
  expect(nameOf({ sql })).toBe(name);
});
