import { registerEnumType } from 'type-graphql';
import {
  APPROVAL_STATUS_MEANING,
  type ApprovalAction as Action,
  type ApprovalDecisionKind as DecisionKind,
  ApprovalStatus,
} from '../../../contracts/approval.js';

registerEnumType(ApprovalStatus, {
  name: 'ApprovalStatus',
  description: 'Where a request for approval stands.',
  valuesConfig: APPROVAL_STATUS_MEANING,
});
export { ApprovalStatus };

export const ApprovalAction: Readonly<Record<Action, Action>> = {
  REQUEST_INSTANCE: 'REQUEST_INSTANCE',
  SUBMIT_JOB: 'SUBMIT_JOB',
  CREATE_DEPLOYMENT: 'CREATE_DEPLOYMENT',
};
registerEnumType(ApprovalAction, {
  name: 'ApprovalAction',
  description: 'What somebody else has to allow.',
  valuesConfig: {
    REQUEST_INSTANCE: { description: 'An instance gets its devices.' },
    SUBMIT_JOB: { description: 'A job enters its queue.' },
    CREATE_DEPLOYMENT: { description: 'A model is served.' },
  },
});

export const ApprovalDecisionKind: Readonly<Record<DecisionKind, DecisionKind>> = {
  APPROVE: 'APPROVE',
  REJECT: 'REJECT',
};
registerEnumType(ApprovalDecisionKind, {
  name: 'ApprovalDecisionKind',
  description: 'What somebody says to a request for approval.',
  valuesConfig: {
    APPROVE: { description: 'Yes, for the plan that it was asked for.' },
    REJECT: { description: 'No; that ends the request.' },
  },
});
