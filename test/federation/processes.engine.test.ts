import { describe } from 'vitest';
import { shareFleet } from '../testkit/sharedFleet.js';
import { documentsSuite } from './documents.suite.js';
import { startProcessFleet } from './processFleet.js';

describe('as six processes on PostgreSQL', () => {
  documentsSuite({ fleet: shareFleet(startProcessFleet), measured: true });
});
