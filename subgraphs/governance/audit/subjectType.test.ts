import { expect, test } from 'vitest';
import { subjectType } from './subjectType.js';

test.each([
  ['project_01K', 'Project'],
  ['role-binding_01K', 'RoleBinding'],
  ['quota_01K_h100-sxm5-80gb', 'Quota'],
  ['instance_01K', 'Instance'],
  ['model_01K', 'RegisteredModel'],
  ['model-version_01K', 'ModelVersion'],
  ['deployment_01K', 'Deployment'],
  ['eu-1', 'Cluster'],
  ['eu-1/h100-1', 'Node'],
  ['eu-1/h100-1/0', 'Gpu'],
])('the stream %s is the life of a %s', (id, type) => {
  expect(subjectType(id)).toBe(type);
});
