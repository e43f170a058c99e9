import { describe } from 'vitest';
import { shareFleet } from '../testkit/sharedFleet.js';
import { demoSuite } from './demo.suite.js';
import { documentsSuite } from './documents.suite.js';
import { startProcessFleet } from './processFleet.js';

describe('as six processes on PostgreSQL', () => {
  const fleet = shareFleet(startProcessFleet);
  documentsSuite({ fleet, measured: true });
  demoSuite(fleet, true);
});
