import type { Permission } from '../../../contracts/permissions.js';

/** What a role gives. Without a project a binding holds in the whole organisation, and so do all of its rights. */
export type Role = {
  readonly name: string;
  /** One sentence for people who choose a role. */
  readonly about: string;
  /** Rights in the project that the role is bound in, and in every project below it. */
  readonly inScope: readonly Permission[];
  /** Rights in the whole organisation, wherever the role is bound. */
  readonly everywhere: readonly Permission[];
};

/** The fleet and the people are everybody's to see who has any role at all. */
const MEMBER = ['fleet:read', 'user:read'] as const;

const OWN_WORK = ['instance:writeOwn', 'job:writeOwn', 'deployment:writeOwn', 'model:write'] as const;
const CONTENTS = ['project:read', 'contents:read', 'amounts:read', 'model:read', 'cost:read'] as const;
const ALL_WORK = [...OWN_WORK, 'instance:write', 'job:write', 'deployment:write'] as const;
const DECISIONS = ['approval:decide', 'approval:decideModels'] as const;
const WHOLE_TRAIL = [
  'trail:read',
  'trail:readOwn',
  'trail:readFleet',
  'trail:readModels',
  'trail:readCost',
] as const;

const role = (name: string, about: string, inScope: readonly Permission[]): Role => ({
  name,
  about,
  inScope,
  everywhere: MEMBER,
});

/** Whoever has it in the organisation may give every role. */
export const ADMINISTRATOR = 'OrgAdmin';

/** The shipped roles. A right that another one includes is listed too, so that holding it is one look-up. */
export const ROLES: readonly Role[] = [
  role(ADMINISTRATOR, 'Runs the organisation: projects, quotas, roles, budgets, and everything below.', [
    'project:create',
    'quota:set',
    'role:bind',
    'budget:write',
    'priceBook:write',
    ...ALL_WORK,
    ...DECISIONS,
    'alias:writeProtected',
    ...MEMBER,
    'fleet:operate',
    ...CONTENTS,
    ...WHOLE_TRAIL,
  ]),
  role('Operator', "Runs the fleet: sees every project's allocations, not their contents.", [
    'project:read',
    'amounts:read',
    'fleet:operate',
    ...DECISIONS,
    'trail:readOwn',
    'trail:readFleet',
  ]),
  role('ProjectAdmin', 'Administers a project: its members and everything in it.', [
    'role:bind',
    ...ALL_WORK,
    ...DECISIONS,
    ...CONTENTS,
    ...WHOLE_TRAIL,
  ]),
  role('Researcher', 'Works in a project: own instances and jobs, and its models.', [
    ...OWN_WORK,
    ...CONTENTS,
    'trail:readOwn',
  ]),
  role('ModelApprover', 'Decides which model versions go to production.', [
    'project:read',
    'model:read',
    'model:write',
    'alias:writeProtected',
    'approval:decideModels',
    'trail:readOwn',
    'trail:readModels',
  ]),
  role('FinOps', 'Reads cost everywhere, sets budgets and prices.', [
    'project:read',
    'cost:read',
    'budget:write',
    'priceBook:write',
    'trail:readOwn',
    'trail:readCost',
  ]),
  role('Auditor', 'Reads the audit trail, changes nothing.', ['project:read', ...WHOLE_TRAIL]),
  role('ServiceAccount', 'A program that works in a project as a researcher would.', [
    ...OWN_WORK,
    ...CONTENTS,
    'trail:readOwn',
  ]),
];

export const findRole = (name: string): Role | undefined => ROLES.find((role) => role.name === name);
