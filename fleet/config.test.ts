import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../platform/compiled.js';
import { readConfig, VARIABLES } from './config.js';

test('.env.example names exactly the variables that are read, with their defaults', () => {
  const example = readFileSync(join(projectRoot, '.env.example'), 'utf8');
  const named = [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)];
  expect(named.map(([, name]) => name ?? '').sort()).toEqual([...VARIABLES].sort());
  const defaults = Object.fromEntries(
    named.filter(([line]) => !line.startsWith('#')).map(([, name, value]) => [name, value]),
  );
  expect(readConfig(defaults)).toEqual(readConfig({}));
});

test('every bad variable is named at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'loud' })).toThrow(
    /\n {2}PORT: a whole number .*\n {2}LOG_LEVEL: /,
  );
});

test('an empty variable is as good as none', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '', SEED: '' })).toEqual(readConfig({}));
});
