import type { BillingEvent } from '../../../contracts/billing.events.js';
import type { GovernanceEvent } from '../../../contracts/governance.events.js';
import type { ResourcesEvent } from '../../../contracts/resources.events.js';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import { knownNodeAfter } from '../facts/knownNode.js';
import type { SchedulingPass } from './schedulingPass.js';

/** What of an event's envelope counts here. */
type Envelope = { context: string; streamId: string; version: number; occurredAt: string };
export type HeardEvent = Envelope & { type: string; data: object };

/** The contexts whose events the pass follows. */
export const HEARD_CONTEXTS = ['governance', 'resources', 'billing', 'scheduling'] as const;
export type HeardContext = (typeof HEARD_CONTEXTS)[number];

/** Lets the pass know of an event. Those of one context must come in their order; contexts may come in any. */
export function hear(pass: SchedulingPass, event: HeardEvent, now: number): void {
  switch (event.context) {
    case 'governance':
      return hearLimits(pass, event as Envelope & GovernanceEvent);
    case 'resources':
      return hearFleet(pass, event as Envelope & ResourcesEvent);
    case 'billing':
      return hearMoney(pass, event as Envelope & BillingEvent);
    case 'scheduling':
      if (event.type.startsWith('Job')) pass.applyJob(event as Envelope & JobEvent, now);
  }
}

function hearLimits(pass: SchedulingPass, event: GovernanceEvent): void {
  if (event.type === 'ProjectCreated') pass.addProject(event.data.id, event.data.parentId);
  if (event.type === 'QuotaSet') {
    const { projectId, gpuModelId, nominal } = event.data;
    pass.quotas.setNominal(projectId, gpuModelId, nominal);
  }
}

function hearFleet({ fleet }: SchedulingPass, event: Envelope & ResourcesEvent): void {
  switch (event.type) {
    case 'AllocationOpened': {
      const { id, owner, projectId, nodeId, gpuId, gpuModelId } = event.data;
      return fleet.open({ id, ownerId: owner.id, projectId, nodeId, gpuId, gpuModelId });
    }
    case 'AllocationClosed':
      return fleet.close(event.data.id);
    case 'ClusterRegistered':
      return fleet.setConnectivity(event.data.id, 'OFFLINE');
    case 'ClusterConnectivityChanged':
      return fleet.setConnectivity(event.streamId, event.data.connectivity);
    case 'NodeDiscovered':
    case 'NodeChanged':
    case 'NodeLost':
    case 'NodeCordoned':
    case 'NodeUncordoned':
      return fleet.setNode(event.streamId, knownNodeAfter(fleet.node(event.streamId), event));
    default:
  }
}

function hearMoney({ money }: SchedulingPass, event: BillingEvent): void {
  switch (event.type) {
    case 'PriceBookCreated': {
      const { id, currency, rates } = event.data;
      const byModel = Object.fromEntries(rates.map(({ gpuModelId, perHour }) => [gpuModelId, perHour]));
      return money.addPriceBook(id, { currency, rates: byModel, inForceFrom: null });
    }
    case 'PriceBookActivated':
      return money.activate(event.data.id, Date.parse(event.data.inForceFrom));
    case 'BudgetCreated':
      return money.addBudget(event.data.id, event.data.projectId);
    case 'BudgetAmountChanged':
    case 'BudgetThresholdCrossed':
      return money.budgetChanged(event.data.id);
    case 'HoldPlaced':
      return money.holdPlaced(event.data.id, event.data.projectId);
    case 'HoldRenewed':
    case 'HoldRenewalRefused':
    case 'HoldReleased':
      return money.holdChanged(event.data.id, event.type === 'HoldReleased');
  }
}
