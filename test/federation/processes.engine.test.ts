import { describe } from 'vitest';
import { operationsSuite } from './operations.suite.js';
import { startProcessFleet } from './processFleet.js';

describe('as six processes on PostgreSQL', () => {
  operationsSuite(startProcessFleet);
});
