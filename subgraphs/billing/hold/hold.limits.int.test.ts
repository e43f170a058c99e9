import { test } from 'vitest';
import { startBilling } from '../billing.fixture.js';
import { expectLimitsHold } from './limits.fixture.js';

test('holds that are placed and released at once never take a budget over its limit', async () => {
  await using harness = await startBilling();
  await expectLimitsHold(harness, 2);
});
