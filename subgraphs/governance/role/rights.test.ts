import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PERMISSIONS } from '../../../contracts/permissions.js';
import { type Grant, missingRight, rightsOf } from './rights.js';
import { findRole, ROLES } from './roles.js';

const grant: fc.Arbitrary<Grant> = fc.record({
  role: fc.constantFrom(...ROLES.map(({ name }) => name)),
  projectId: fc.constantFrom(null, 'project_a', 'project_b'),
});

test('without a role there are no rights, and an unknown role gives none', () => {
  const nothing = { everywhere: [], projects: {} };
  expect(rightsOf([])).toEqual(nothing);
  expect(rightsOf([{ role: 'Emperor', projectId: null }])).toEqual(nothing);
});

test('a role in a project gives its rights there, and everywhere only what every member has', () => {
  const { everywhere, projects } = rightsOf([{ role: 'Researcher', projectId: 'project_a' }]);
  expect(everywhere).toEqual(['user:read', 'fleet:read']);
  expect(Object.keys(projects)).toEqual(['project_a']);
  expect(projects['project_a']).toContain('instance:writeOwn');
  expect(projects['project_a']).not.toContain('instance:write');
});

test('rights are the union of the grants, whatever their order or number', () => {
  fc.assert(
    fc.property(fc.array(grant, { maxLength: 8 }), (grants) => {
      const rights = rightsOf(grants);
      expect(rightsOf([...grants, ...grants].reverse())).toEqual(rights);
      for (const one of grants) {
        const { everywhere, projects } = rightsOf([one]);
        expect(rights.everywhere).toEqual(expect.arrayContaining(everywhere));
        for (const [id, held] of Object.entries(projects))
          expect(rights.projects[id]).toEqual(expect.arrayContaining(held));
      }
    }),
  );
});

/** The table of who may do what, as people read it. */
const MAY: Record<string, readonly string[]> = {
  'project:create': ['OrgAdmin'],
  'quota:set': ['OrgAdmin'],
  'role:bind': ['OrgAdmin', 'ProjectAdmin'],
  'budget:write': ['OrgAdmin', 'FinOps'],
  'priceBook:write': ['OrgAdmin', 'FinOps'],
  'instance:write': ['OrgAdmin', 'ProjectAdmin'],
  'job:write': ['OrgAdmin', 'ProjectAdmin'],
  'deployment:write': ['OrgAdmin', 'ProjectAdmin'],
  'instance:writeOwn': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'ServiceAccount'],
  'job:writeOwn': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'ServiceAccount'],
  'deployment:writeOwn': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'ServiceAccount'],
  'approval:decide': ['OrgAdmin', 'Operator', 'ProjectAdmin'],
  'approval:decideModels': ['OrgAdmin', 'Operator', 'ProjectAdmin', 'ModelApprover'],
  'model:write': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'ModelApprover', 'ServiceAccount'],
  'alias:writeProtected': ['OrgAdmin', 'ModelApprover'],
  'fleet:read': ROLES.map(({ name }) => name),
  'user:read': ROLES.map(({ name }) => name),
  'project:read': ROLES.map(({ name }) => name),
  'contents:read': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'ServiceAccount'],
  'amounts:read': ['OrgAdmin', 'Operator', 'ProjectAdmin', 'Researcher', 'ServiceAccount'],
  'model:read': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'ModelApprover', 'ServiceAccount'],
  'cost:read': ['OrgAdmin', 'ProjectAdmin', 'Researcher', 'FinOps', 'ServiceAccount'],
  'fleet:operate': ['OrgAdmin', 'Operator'],
  'trail:read': ['OrgAdmin', 'ProjectAdmin', 'Auditor'],
  'trail:readOwn': ROLES.map(({ name }) => name),
  'trail:readFleet': ['OrgAdmin', 'Operator', 'ProjectAdmin', 'Auditor'],
  'trail:readModels': ['OrgAdmin', 'ProjectAdmin', 'ModelApprover', 'Auditor'],
  'trail:readCost': ['OrgAdmin', 'ProjectAdmin', 'FinOps', 'Auditor'],
};

test.each(PERMISSIONS)('%s is given by exactly the roles of the table', (permission) => {
  const givers = ROLES.filter(({ inScope, everywhere }) => [...inScope, ...everywhere].includes(permission));
  expect(givers.map(({ name }) => name).sort()).toEqual([...(MAY[permission] ?? [])].sort());
});

test('whoever gives a role must hold every right of it: a project administrator gives no more than their own', () => {
  const { projects, everywhere } = rightsOf([{ role: 'ProjectAdmin', projectId: 'project_a' }]);
  const held = [...(projects['project_a'] ?? []), ...everywhere];
  const givable = ROLES.filter((role) => missingRight(role, (right) => held.includes(right)) === undefined);
  expect(givable.map(({ name }) => name)).toEqual([
    'ProjectAdmin',
    'Researcher',
    'Auditor',
    'ServiceAccount',
  ]);
  const orgAdmin = findRole('OrgAdmin');
  expect(orgAdmin && missingRight(orgAdmin, (right) => held.includes(right))).toBe('project:create');
});
