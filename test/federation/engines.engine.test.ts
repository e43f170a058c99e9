import { describe } from 'vitest';
import { shareFleet } from '../testkit/sharedFleet.js';
import { demoSuite } from './demo.suite.js';
import { documentsSuite } from './documents.suite.js';
import { startFleetOnEngines } from './engineFleet.js';
import { instanceSuite } from './instance.suite.js';

describe('on a real control plane and PostgreSQL', () => {
  const fleet = shareFleet(startFleetOnEngines);
  documentsSuite({ fleet, measured: false });
  instanceSuite(fleet);
  demoSuite(fleet, false);
});
