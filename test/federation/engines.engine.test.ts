import { describe } from 'vitest';
import { shareFleet } from '../testkit/sharedFleet.js';
import { demoSuite } from './demo.suite.js';
import { documentsSuite } from './documents.suite.js';
import { startFleetOnEngines } from './engineFleet.js';
import { instanceSuite } from './instance.suite.js';
import { topicsSuite } from './topics.suite.js';

describe('on a real control plane, PostgreSQL and Kafka', () => {
  const fleet = shareFleet(startFleetOnEngines);
  documentsSuite({ fleet, measured: false });
  instanceSuite(fleet);
  demoSuite(fleet, false);
  topicsSuite(() => ({ brokers: fleet().brokers, database: fleet().fleet.core.database }));
});
