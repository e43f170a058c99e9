import { describe } from 'vitest';
import { startFleet } from '../testkit/fleet.js';
import { operationsSuite } from './operations.suite.js';

describe('on the embedded parts', () => {
  operationsSuite(() => startFleet());
});
