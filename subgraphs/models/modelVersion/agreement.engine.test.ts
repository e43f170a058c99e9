import { test } from 'vitest';
import { startPostgres } from '../../../test/engines/postgres.js';
import { databaseOn } from '../../../test/testkit/testDatabase.js';
import { startModels } from '../models.fixture.js';
import { expectAgreement } from './agreement.fixture.js';

test('on PostgreSQL, with many connections, numbers have no gaps and nothing uses what is quarantined', async () => {
  await using server = await startPostgres();
  await using harness = await startModels(() => databaseOn(server.url, 20));
  for (let run = 0; run < 10; run++) await expectAgreement(harness);
});
