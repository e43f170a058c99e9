import { test } from 'vitest';
import { startPostgres } from '../../../test/engines/postgres.js';
import { databaseOn } from '../../../test/testkit/testDatabase.js';
import { startBilling } from '../billing.fixture.js';
import { expectLimitsHold } from './limits.fixture.js';

test('on PostgreSQL, with many connections, holds never take a budget over its limit', async () => {
  await using server = await startPostgres();
  await using harness = await startBilling(() => databaseOn(server.url, 20));
  await expectLimitsHold(harness, 30);
});
