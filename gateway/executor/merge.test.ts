import { expect, test } from 'vitest';
import { Failure, failureOf } from './failure.js';
import { copy, fail, merge, type Data } from './merge.js';
import { readOwed } from './owed.js';

const isA = (name: unknown, condition: string) => name === undefined || name === condition;
const lost = (document: string) => failureOf({ message: 'lost', extensions: {} }, readOwed(document));
const merged = (target: Data, source: Data) => {
  merge(target, source, isA);
  return target;
};

test('objects and lists are merged where they stand', () => {
  const target = { me: { id: '1', tags: [{ a: 1 }, null] } };
  expect(merged(target, { me: { name: 'Ann', tags: [{ b: 2 }, { b: 3 }] } })).toEqual({
    me: { id: '1', name: 'Ann', tags: [{ a: 1, b: 2 }, { b: 3 }] },
  });
});

test('a null does not take away what another subgraph supplied, in either order', () => {
  expect(merged({ me: { id: '1' } }, { me: null })).toEqual({ me: { id: '1' } });
  expect(merged({ me: null }, { me: { id: '1' } })).toEqual({ me: { id: '1' } });
});

test.each(['first', 'last'])(
  'of a shared object a lost subgraph owes its own part, if it is lost %s',
  (order) => {
    const data: Data = {};
    const loss = lost('{ me { name home { city } } }');
    if (order === 'first') fail(data, loss, isA);
    merge(data, { me: { id: '1', home: { street: 'A' } } }, isA);
    if (order === 'last') fail(data, loss, isA);
    expect(data).toEqual({
      me: { id: '1', name: expect.any(Failure), home: { street: 'A', city: expect.any(Failure) } },
    });
  },
);

test('a failure takes nothing that another subgraph supplied, and more than a null', () => {
  const data: Data = { id: '1', name: null };
  fail(data, lost('{ id name size }'), isA);
  expect(data).toEqual({ id: '1', name: expect.any(Failure), size: expect.any(Failure) });
});

test('an object owes only the fields of its own type', () => {
  const data: Data = { __typename: 'Book' };
  fail(data, lost('{ ... on Book { pages } ... on Film { minutes } }'), isA);
  expect(Object.keys(data)).toEqual(['__typename', 'pages']);
});

test('what is merged below one place does not show up in its copy', () => {
  const entity = { owner: { id: '7' }, at: new Date(0) };
  const [first, second] = [merged({}, entity), merged({}, copy(entity) as Data)];
  merge(first, { owner: { name: 'Ann' } }, isA);
  expect(second).toEqual({ owner: { id: '7' }, at: new Date(0) });
});

test('a subgraph’s key "__proto__" changes no other object', () => {
  const hostile = () => JSON.parse('{ "__proto__": { "polluted": true } }') as Data;
  merged(merged({}, hostile()), hostile());
  expect('polluted' in {}).toBe(false);
});
