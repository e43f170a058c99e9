import { test } from 'vitest';
import { startModels } from '../models.fixture.js';
import { expectAgreement } from './agreement.fixture.js';

test('whatever happens to a model at once, numbers have no gaps and nothing uses what is quarantined', async () => {
  await using harness = await startModels();
  await expectAgreement(harness);
});
