import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SUBGRAPH_NAMES, SUBGRAPH_PORTS } from '../contracts/subgraphs.js';
import { projectRoot } from '../platform/compiled.js';
import * as billing from '../subgraphs/billing/config.js';
import * as governance from '../subgraphs/governance/config.js';
import * as models from '../subgraphs/models/config.js';
import * as resources from '../subgraphs/resources/config.js';
import * as scheduling from '../subgraphs/scheduling/config.js';
import * as gateway from './gatewayConfig.js';

const subgraphs = { governance, resources, scheduling, billing, models };
const page = readFileSync(join(projectRoot, 'docs', 'processes.md'), 'utf8');
const signing = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
const needed = {
  FLEETGRAPH_SIGNING_KEYS: signing,
  DATABASE_URL: 'postgresql://localhost/fleetgraph',
  OIDC_ISSUER: 'https://login.example.com',
};

test('docs/processes.md names exactly the variables that the processes read', () => {
  const named = [...page.matchAll(/^\| `([A-Z_<>]+)` +\|/gm)].map(([, name]) => name);
  const read = [gateway, ...Object.values(subgraphs)].flatMap(({ VARIABLES }) => VARIABLES);
  const general = read.map((name) => name.replace(/^[A-Z]+_DATABASE_URL$/, '<CONTEXT>_DATABASE_URL'));
  expect(new Set(named)).toEqual(new Set(general));
  expect(named).toHaveLength(new Set(named).size);
});

test('docs/processes.md tells the defaults that hold', () => {
  const rows = page.matchAll(/^\| `([A-Z_]+)` +\|(?: \w+ +\|)? `([^`]+)` +\|/gm);
  const defaults = Object.fromEntries([...rows].map(([, name, value]) => [name, value]));
  expect(Object.keys(defaults).length).toBeGreaterThan(10);
  for (const { readConfig } of [gateway, ...Object.values(subgraphs)])
    expect(readConfig({ ...defaults, ...needed })).toEqual(readConfig(needed));
});

test.each(SUBGRAPH_NAMES)('%s has its own port and finds those it reads on theirs', (name) => {
  const { context, port, peers } = subgraphs[name].readConfig(needed);
  expect({ context, port }).toEqual({ context: name, port: SUBGRAPH_PORTS[name] });
  const known: Record<string, number> = SUBGRAPH_PORTS;
  expect(Object.keys(peers)).not.toContain(name);
  for (const [peer, url] of Object.entries(peers)) expect(url).toBe(`http://127.0.0.1:${known[peer]}`);
});

test('a context may have a database of its own', () => {
  const own = 'postgresql://localhost/billing';
  const { database } = billing.readConfig({ ...needed, BILLING_DATABASE_URL: own });
  expect(database.url).toBe(own);
  expect(() => billing.readConfig({ FLEETGRAPH_SIGNING_KEYS: signing })).toThrow(
    'DATABASE_URL or BILLING_DATABASE_URL is missing',
  );
});

test.each([
  ['none at all', undefined],
  ['an empty list', ''],
  ['a key without an id', signing.slice(2)],
  ['a short key', `k1:${Buffer.alloc(31, 1).toString('base64')}`],
  ['a bad one among good ones', `${signing},k2:c2VjcmV0`],
])('keys are refused: %s, and not shown', (_what, value) => {
  const env = { ...needed, FLEETGRAPH_SIGNING_KEYS: value };
  for (const { readConfig } of [gateway, governance]) {
    expect(() => readConfig(env)).toThrow('FLEETGRAPH_SIGNING_KEYS');
    expect(() => readConfig(env)).not.toThrow('c2VjcmV0');
  }
});

test('several keys are read in their order', () => {
  const second = `k2:${Buffer.alloc(33, 2).toString('base64')}`;
  const { keys } = gateway.readConfig({ ...needed, FLEETGRAPH_SIGNING_KEYS: `${second}, ${signing}` });
  expect(keys).toEqual([
    { id: 'k2', secret: Buffer.alloc(33, 2) },
    { id: 'k1', secret: Buffer.alloc(32, 1) },
  ]);
});

test('every bad variable is named at once', () => {
  const env = { PORT: 'x', HOST: '', GOVERNANCE_URL: 'ftp://x', FLEETGRAPH_CLUSTER: 'A B' };
  for (const name of ['PORT', 'HOST', 'GOVERNANCE_URL', 'FLEETGRAPH_CLUSTER', 'FLEETGRAPH_SIGNING_KEYS'])
    expect(() => resources.readConfig(env)).toThrow(name);
});
