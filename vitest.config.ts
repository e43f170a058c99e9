import { defineConfig } from 'vitest/config';

// `graphql` is loaded once, as ESM, or two copies of its classes would refuse each other.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] };
const exclude = ['**/node_modules/**', 'dist/**'];
// Unit and integration tests share their modules within a worker: loading them anew for every file costs more than the
// tests. So no test may change what a module holds.
const shared = { retry: 0, isolate: false, exclude, setupFiles: ['test/testkit/setup.ts'] };

export default defineConfig({
  resolve,
  test: {
    // Tests wait for a good part of their time, and by default one core is left to the runner.
    maxWorkers: '150%',
    projects: [
      {
        resolve,
        test: {
          ...shared,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...exclude, '**/*.int.test.ts', '**/*.engine.test.ts'],
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: 'int',
          include: ['**/*.int.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: 'e2e',
          isolate: true,
          include: ['**/*.e2e.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        test: {
          ...shared,
          name: 'engines',
          isolate: true,
          include: ['**/*.engine.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
