import { Query, Resolver } from 'type-graphql';
import type { ApprovalAction } from '../../../contracts/approval.js';
import { APPROVAL_POLICY, type RuleCondition } from '../../../contracts/policy.js';
import { ApprovalPolicy } from './approvalPolicy.type.js';

@Resolver()
export class ApprovalPolicyResolver {
  @Query(() => ApprovalPolicy, { description: 'By which rules requests need an approval now, and whose.' })
  approvalPolicy(): ApprovalPolicy {
    const { version, rules, steps, ttlSeconds } = APPROVAL_POLICY;
    return {
      version,
      rules: rules.map(({ id, reason, when }) => ({ id, reason, ...limitsOf(when) })),
      steps: steps.map(({ name, quorum, deciders }) => ({
        name,
        quorum,
        deciders: Object.entries(deciders).map(([action, rights]) => ({
          action: action as ApprovalAction,
          rights: [...rights],
        })),
      })),
      timeToLive: `PT${ttlSeconds}S`,
    };
  }
}

const limitsOf = (when: RuleCondition) => ({
  gpusAbove: 'gpusAbove' in when ? when.gpusAbove : null,
  perHourAbove: 'perHourAbove' in when ? { amount: when.perHourAbove, currency: when.currency } : null,
});
