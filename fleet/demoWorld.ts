/** The demo world: what is loaded into an empty store, through the same commands as everything else. */
export const demoOrganisation = { name: 'acme' } as const;

export const demoProjects = [
  {
    key: 'vision',
    name: 'Vision',
    quotas: { 'h100-sxm5-80gb': 16, 'a100-sxm4-80gb': 16 },
    monthlyBudget: '5000',
  },
  {
    key: 'speech',
    name: 'Speech',
    quotas: { 'h100-sxm5-80gb': 8, 'a100-sxm4-80gb': 8 },
    monthlyBudget: '1000',
  },
] as const;

/** Roles by username, besides the administrator's; `project` null is the whole organisation. */
export const demoRoles = [
  { username: 'operator', role: 'Operator', project: null },
  { username: 'vision-admin', role: 'ProjectAdmin', project: 'vision' },
  { username: 'speech-admin', role: 'ProjectAdmin', project: 'speech' },
  { username: 'vision-researcher', role: 'Researcher', project: 'vision' },
  { username: 'speech-researcher', role: 'Researcher', project: 'speech' },
  { username: 'model-approver', role: 'ModelApprover', project: null },
  { username: 'finops', role: 'FinOps', project: null },
  { username: 'auditor', role: 'Auditor', project: null },
] as const;
