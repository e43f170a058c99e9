import { expect, test } from 'vitest';
import { describe } from './observed.js';

test.each([
  ['GET', '/api/v1/nodes?limit=500', 'GET nodes'],
  ['GET', '/api/v1/nodes/gpu-1', 'GET nodes'],
  ['GET', '/api/v1/pods?watch=true&resourceVersion=1', 'WATCH pods'],
  ['PATCH', '/apis/apps/v1/namespaces/vision/statefulsets/instance-1?force=true', 'PATCH statefulsets'],
  ['POST', '/api/v1/namespaces', 'POST namespaces'],
  ['DELETE', '/api/v1/namespaces/vision', 'DELETE namespaces'],
  ['GET', '/api/v1/namespaces/vision/pods/pod-1/log?timestamps=true', 'GET pods/log'],
  ['GET', '/apis/coordination.k8s.io/v1/namespaces/fleetgraph-system/leases/reconcilers', 'GET leases'],
])('%s %s is told without names: %s', (method, path, expected) => {
  const { verb, resource } = describe({ method, path });
  expect(`${verb} ${resource}`).toBe(expected);
});
