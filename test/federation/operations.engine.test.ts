import { describe } from 'vitest';
import { startFleetOnEngines } from './engineFleet.js';
import { operationsSuite } from './operations.suite.js';

describe('on a real control plane and PostgreSQL', () => {
  operationsSuite(startFleetOnEngines, false);
});
