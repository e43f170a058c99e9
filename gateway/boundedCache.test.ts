import { expect, test } from 'vitest';
import { createBoundedCache } from './boundedCache.js';

test('what was used longest ago is forgotten first', () => {
  const cache = createBoundedCache<number>(2);
  cache.set('a', 1, 1);
  cache.set('b', 2, 1);
  cache.get('a');
  cache.set('c', 3, 1);
  expect(['a', 'b', 'c'].map(cache.get)).toEqual([1, undefined, 3]);
});

test('a value that is set again counts once', () => {
  const cache = createBoundedCache<number>(2);
  cache.set('a', 1, 1);
  cache.set('a', 2, 1);
  cache.set('b', 3, 1);
  expect(['a', 'b'].map(cache.get)).toEqual([2, 3]);
});

test('a value that is too heavy is not kept, and a deleted one makes room', () => {
  const cache = createBoundedCache<number>(2);
  cache.set('heavy', 1, 3);
  expect(cache.get('heavy')).toBeUndefined();
  cache.set('a', 1, 2);
  cache.delete('a');
  cache.set('b', 2, 2);
  expect(['a', 'b'].map(cache.get)).toEqual([undefined, 2]);
});
