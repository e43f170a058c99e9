import type { Transaction } from '../../platform/database/database.js';
import type { Projection } from '../../platform/projection/projection.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { approvalAggregate } from './approval/approval.projection.js';
import { auditProjections } from './audit/audit.projection.js';
import { organisationAggregate } from './organisation/organisation.projection.js';
import { projectAggregate } from './project/project.projection.js';
import { quotaAggregate } from './quota/quota.projection.js';
import { roleBindingAggregate } from './roleBinding/roleBinding.projection.js';
import { userAggregate } from './user/user.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [
  organisationAggregate,
  projectAggregate,
  quotaAggregate,
  roleBindingAggregate,
  userAggregate,
  approvalAggregate,
];

/** What it keeps of other contexts' events, and of its own beside its entities. */
export const projections: readonly Projection[] = auditProjections;

/** Empties what the aggregates write. People's profiles stay: no event could bring them back. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.organisation.deleteMany();
  await tx.project.deleteMany();
  await tx.quota.deleteMany();
  await tx.roleBinding.deleteMany();
  await tx.user.deleteMany();
  await tx.approvalRequest.deleteMany();
}
