import { describe } from 'vitest';
import { startFleet } from '../testkit/fleet.js';
import { shareFleet } from '../testkit/sharedFleet.js';
import { documentsSuite } from './documents.suite.js';
import { instanceSuite } from './instance.suite.js';

describe('on the embedded parts', () => {
  const fleet = shareFleet(() => startFleet());
  documentsSuite({ fleet, measured: true });
  instanceSuite(fleet);
});
