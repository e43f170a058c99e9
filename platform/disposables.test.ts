import { expect, test } from 'vitest';
import { buildWith } from './disposables.js';

const closing = (name: string, closed: string[]) => ({
  name,
  [Symbol.asyncDispose]: async () => void closed.push(name),
});

test('parts close in the reverse order, also the one that is the result itself', async () => {
  const closed: string[] = [];
  const built = await buildWith(async ({ use }) => {
    use(closing('first', closed));
    return use(closing('second', closed));
  });
  expect(built.name).toBe('second');
  await built[Symbol.asyncDispose]();
  expect(closed).toEqual(['second', 'first']);
});

test('a part that fails to close keeps no other open, and is heard of', async () => {
  const closed: string[] = [];
  const built = await buildWith(async ({ use }) => {
    use(closing('first', closed));
    use({ [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) });
    return {};
  });
  await expect(built[Symbol.asyncDispose]()).rejects.toThrow('stuck');
  expect(closed).toEqual(['first']);
});

test('what was opened closes if the building fails', async () => {
  const closed: string[] = [];
  const building = buildWith(async ({ use }) => {
    use(closing('first', closed));
    throw new Error('no such thing');
  });
  await expect(building).rejects.toThrow('no such thing');
  expect(closed).toEqual(['first']);
});
