import { expect, test } from 'vitest';
import { Failure, failureOf } from './failure.js';

const fault = (message: string) => ({ message, extensions: {} });
const shown = ({ causes: [{ fault: shownFault, below }], sibling }: Failure) => ({
  message: shownFault.message,
  below,
  sibling,
});

test('a failure of a whole object is each field’s own', () => {
  expect(shown(failureOf(fault('lost'), []).at('name', []))).toEqual({
    message: 'lost',
    below: [],
    sibling: undefined,
  });
});

test('an error below an object belongs to the field where it arose, and the others point there', () => {
  const failure = new Failure([{ fault: fault('no name'), below: ['name', 'first'] }]);
  expect(shown(failure.at('name', []))).toEqual({ message: 'no name', below: ['first'], sibling: undefined });
  expect(shown(failure.at('size', []))).toEqual({ message: 'no name', below: ['first'], sibling: 'name' });
});

test('of two errors below an object each field has its own', () => {
  const failure = new Failure([{ fault: fault('no name'), below: ['name'] }]).and({
    fault: fault('no size'),
    below: ['size'],
  });
  expect([failure.at('name', []), failure.at('size', [])].map((each) => shown(each).message)).toEqual([
    'no name',
    'no size',
  ]);
});

test('an item of a list that failed for another item has the same fault in its own place', () => {
  const failure = new Failure([{ fault: fault('no name'), below: [3, 'name'] }]);
  expect(shown(failure.at(3, []))).toEqual({ message: 'no name', below: ['name'], sibling: undefined });
  expect(shown(failure.at(0, []))).toEqual({ message: 'no name', below: [], sibling: undefined });
});
