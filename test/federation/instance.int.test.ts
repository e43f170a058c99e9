import { describe } from 'vitest';
import { startFleet } from '../testkit/fleet.js';
import { instanceSuite } from './instance.suite.js';

describe('on the embedded parts', () => {
  instanceSuite(() => startFleet());
});
