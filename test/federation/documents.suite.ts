import { describe, expect, test } from 'vitest';
import { operations } from '../testkit/operations.js';
import type { ServedFleet } from '../testkit/sharedFleet.js';
import { approvalsSuite } from './approvals.suite.js';
import { deploymentsSuite } from './deployments.suite.js';
import { jobsSuite } from './jobs.suite.js';
import { modelsSuite } from './models.suite.js';
import { moneySuite } from './money.suite.js';
import { onboardingSuite } from './onboarding.suite.js';
import { oversightSuite } from './oversight.suite.js';
import { provisioningSuite } from './provisioning.suite.js';

/** Where the documents are run. */
export type Setting = {
  readonly fleet: () => ServedFleet;
  /** Whether the cluster has exporters of GPU metrics. */
  readonly measured: boolean;
};

/** Every trusted document, run through the gateway as the user it is for, and what it answers. */
export function documentsSuite(setting: Setting): void {
  describe('onboarding', () => onboardingSuite(setting));
  describe('provisioning', () => provisioningSuite(setting));
  describe('approvals', () => approvalsSuite(setting));
  describe('jobs', () => jobsSuite(setting));
  describe('models', () => modelsSuite(setting));
  describe('deployments', () => deploymentsSuite(setting));
  describe('money', () => moneySuite(setting));
  describe('oversight', () => oversightSuite(setting));

  test('every trusted document was run', () => {
    expect([...setting.fleet().ran].sort()).toEqual([...operations.keys()].sort());
  });
}
