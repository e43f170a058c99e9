import { describe, expect, test } from 'vitest';
import { shareFleet } from '../testkit/sharedFleet.js';
import { demoSuite } from './demo.suite.js';
import { documentsSuite } from './documents.suite.js';
import { otherRouterSuite, rememberAsked } from './otherRouter.suite.js';
import { startProcessFleet } from './processFleet.js';
import { rollingSuite } from './rolling.suite.js';
import { topicsSuite } from './topics.suite.js';
import { traceSuite } from './trace.suite.js';

describe('as the processes of docker-compose.yml, with what it tells them', () => {
  const { asked, fleet } = rememberAsked(shareFleet(startProcessFleet));
  traceSuite({ fleet, spans: () => fleet().spans(), isSpread: true });
  documentsSuite({ fleet, measured: true });
  demoSuite(fleet, true);
  describe('beside another router', () => otherRouterSuite(fleet, asked));

  rollingSuite(fleet);

  topicsSuite(fleet);

  test('all of them run, and end when they are asked to', async () => {
    const { processes } = fleet().installation;
    const services = [
      'billing',
      'cluster',
      'gateway',
      'governance',
      'issuer',
      'models',
      'resources',
      'scheduling',
    ];
    expect([...processes.keys()].sort()).toEqual(services);
    await Promise.all([...processes.values()].map((each) => each.stop('SIGTERM')));
    const codes = [...processes.values()].map(({ name, exitCode }) => [name, exitCode()]);
    expect(Object.fromEntries(codes)).toEqual(Object.fromEntries(services.map((name) => [name, 0])));
  });
});
