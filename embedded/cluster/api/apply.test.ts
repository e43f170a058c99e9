import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyTo } from './apply.js';
import { fieldsOf, fromFieldsV1, toFieldsV1 } from './fieldSet.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

const now = new Date('2026-11-21T10:00:00Z');

const object = (spec: object, labels?: Record<string, string>): KubeObject & { spec: object } => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'lab', uid: '', resourceVersion: '', ...(labels && { labels }) },
  spec,
});

/** Applies in turn, as the API would, and returns the object that comes of it. */
function applyAll(...steps: { by: string; to: KubeObject; force?: boolean }[]): KubeObject {
  return steps.reduce<KubeObject | null>((live, { by, to, force = true }) => {
    const result = applyTo(live, to, { manager: by, force, now });
    return { ...result.object, metadata: { ...result.object.metadata, managedFields: result.managedFields } };
  }, null) as KubeObject;
}

const withoutOwners = ({ metadata: { labels, name }, ...rest }: KubeObject) => ({ ...rest, name, labels });

const container = (name: string, env: Record<string, string> = {}) => ({
  name,
  image: 'x',
  env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
});

test('two managers share a list by the names of its items, and each removes only its own', () => {
  const merged = applyAll(
    { by: 'a', to: object({ containers: [container('main', { A: '1', SHARED: 'x' })] }) },
    { by: 'b', to: object({ containers: [container('main', { B: '2', SHARED: 'x' }), container('side')] }) },
    { by: 'a', to: object({ containers: [container('main')] }) },
  );
  expect(withoutOwners(merged)).toMatchObject({
    spec: {
      containers: [
        {
          name: 'main',
          env: [
            { name: 'SHARED', value: 'x' },
            { name: 'B', value: '2' },
          ],
        },
        { name: 'side' },
      ],
    },
  });
});

test('the last owner of an item removes it, and an emptied map goes with its last field', () => {
  const merged = applyAll(
    {
      by: 'a',
      to: object(
        { containers: [container('main'), container('side')], nodeSelector: { zone: 'a' } },
        { team: 'a' },
      ),
    },
    { by: 'a', to: object({ containers: [container('main')] }) },
  );
  expect(withoutOwners(merged)).toEqual(withoutOwners(object({ containers: [container('main')] })));
});

test('a forced apply takes the field from its owner', () => {
  const merged = applyAll(
    { by: 'a', to: object({ replicas: 1, paused: true }) },
    { by: 'b', to: object({ replicas: 2 }) },
  );
  expect(merged).toMatchObject({ spec: { replicas: 2, paused: true } });
  expect(() => applyTo(merged, object({ replicas: 1 }), { manager: 'a', force: false, now })).toThrow(
    expect.objectContaining({
      code: 409,
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "b"', field: '.spec.replicas' }],
      },
    }),
  );
});

const anySpec = fc.record({
  replicas: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  nodeSelector: fc.option(fc.dictionary(fc.constantFrom('zone', 'gpu'), fc.constantFrom('a', 'b')), {
    nil: undefined,
  }),
  containers: fc
    .uniqueArray(fc.constantFrom('main', 'side', 'third'))
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc
            .dictionary(fc.constantFrom('A', 'B'), fc.constantFrom('1', '2'))
            .map((env) => container(name, env)),
        ),
      ),
    ),
});
const anyObject = fc
  .tuple(anySpec, fc.dictionary(fc.constantFrom('team', 'tier'), fc.constantFrom('a', 'b')))
  .map(([spec, labels]) => JSON.parse(JSON.stringify(object(spec, labels))) as KubeObject);

test('whatever was there before, an apply makes its fields so, and a repeat changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ by: fc.constantFrom('a', 'b'), to: anyObject }), { maxLength: 4 }),
      anyObject,
      (steps, last) => {
        const once = applyAll(...steps, { by: 'a', to: last });
        const wanted = [...fieldsOf(last)].filter(([, value]) => !isEmpty(value));
        expect([...fieldsOf(once)]).toEqual(expect.arrayContaining(wanted));
        const { object: twice, managedFields } = applyTo(once, last, { manager: 'a', force: false, now });
        expect({ ...twice, metadata: { ...twice.metadata, managedFields } }).toEqual(once);
      },
    ),
    { numRuns: 200 },
  );
});

test('a manager that alone applied everything leaves exactly what it applied last', () => {
  const fieldsIn = (each: KubeObject) =>
    [...fieldsOf(each)].filter(([, value]) => !isEmpty(value)).sort(([a], [b]) => (a < b ? -1 : 1));
  fc.assert(
    fc.property(anyObject, anyObject, (first, last) => {
      expect(fieldsIn(applyAll({ by: 'a', to: first }, { by: 'a', to: last }))).toEqual(fieldsIn(last));
    }),
    { numRuns: 200 },
  );
});

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

test('a set of fields reads back from the form in which Kubernetes shows it', () => {
  fc.assert(
    fc.property(anyObject, (each) => {
      const paths = [...fieldsOf(each).keys()].sort();
      expect(fromFieldsV1(toFieldsV1(paths)).sort()).toEqual(paths);
    }),
    { numRuns: 200 },
  );
});
