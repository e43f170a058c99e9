import { afterAll, describe } from 'vitest';
import { startFleet } from '../testkit/fleet.js';
import { shareFleet } from '../testkit/sharedFleet.js';
import { recordWanted } from '../testkit/spanFacts.js';
import { documentsSuite } from './documents.suite.js';
import { instanceSuite } from './instance.suite.js';
import { traceSuite } from './trace.suite.js';

describe('on the embedded parts', () => {
  // Of this fleet alone: whoever leads a cluster decides at its start whether it remembers traces.
  const recorded = recordWanted();
  const fleet = shareFleet(() => startFleet());
  afterAll(() => recorded[Symbol.asyncDispose]());
  traceSuite({ fleet, spans: recorded.spans });
  documentsSuite({ fleet, measured: true });
  instanceSuite(fleet);
});
