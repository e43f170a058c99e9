import { describe } from 'vitest';
import { startFleetOnEngines } from './engineFleet.js';
import { instanceSuite } from './instance.suite.js';

describe('on a real control plane and PostgreSQL', () => {
  instanceSuite(startFleetOnEngines);
});
