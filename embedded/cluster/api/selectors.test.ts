import { expect, test } from 'vitest';
import { fieldPredicate, labelPredicate } from './selectors.js';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'lab-0',
    namespace: 'vision',
    uid: 'u',
    resourceVersion: '1',
    labels: { app: 'lab', 'fleet/kind': 'instance' },
  },
  spec: { nodeName: 'h100-1' },
};

test.each([
  ['', true],
  ['app=lab', true],
  ['app==lab,fleet/kind', true],
  ['app!=lab', false],
  ['gone!=lab,!gone', true],
  ['app in (web, lab),fleet/kind notin (job)', true],
  ['app notin (lab)', false],
  ['gone in (lab)', false],
])('the labels selected by "%s": %s', (selector, expected) => {
  expect(labelPredicate(selector)(pod)).toBe(expected);
});

test.each([
  ['metadata.name=lab-0,spec.nodeName=h100-1', true],
  ['spec.nodeName!=h100-1', false],
  ['status.phase=', true],
])('the fields selected by "%s": %s', (selector, expected) => {
  expect(fieldPredicate(selector)(pod)).toBe(expected);
});

const badRequest = expect.objectContaining({ code: 400, reason: 'BadRequest' });

test.each(['=', 'app in lab', 'a b', 'app in (x'])(
  'the label selector "%s" cannot be read and is refused',
  (selector) => {
    expect(() => labelPredicate(selector)).toThrow(badRequest);
  },
);

test('a field that Kubernetes does not select by is refused', () => {
  expect(() => fieldPredicate('spec.image=x')).toThrow(badRequest);
});
