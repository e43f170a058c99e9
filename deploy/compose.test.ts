import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as cluster from '../embedded/cluster/config.js';
import * as issuer from '../embedded/issuer/config.js';
import * as all from '../fleet/config.js';
import * as gateway from '../fleet/gatewayConfig.js';
import { projectRoot } from '../platform/compiled.js';
import * as billing from '../subgraphs/billing/config.js';
import * as governance from '../subgraphs/governance/config.js';
import * as models from '../subgraphs/models/config.js';
import * as resources from '../subgraphs/resources/config.js';
import * as scheduling from '../subgraphs/scheduling/config.js';
import { addressesOf, readComposeFile, type Service } from '../test/engines/composeFile.js';
import { isPart, type PartName, parts } from './parts.js';

const secrets = {
  FLEETGRAPH_SIGNING_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  POSTGRES_PASSWORD: 'secret',
};
const company = readComposeFile('docker-compose.yml', secrets);
const onePart = readComposeFile('deploy/one-process.yml');
const dockerfile = readFileSync(join(projectRoot, 'deploy', 'Dockerfile'), 'utf8');

type Environment = { VARIABLES: readonly string[]; readConfig: (env: NodeJS.ProcessEnv) => object };
const subgraphs = { governance, resources, scheduling, billing, models };
const environments = { all, gateway, ...subgraphs, issuer, cluster } satisfies Record<PartName, Environment>;

/** A service of the file with the part of Fleetgraph that it runs, or null for somebody else's image. */
const partOf = ({ build, command }: Service): PartName | null => {
  if (!build) return null;
  if (typeof command !== 'string' || !isPart(command)) throw new Error(`There is no part ${String(command)}`);
  return command;
};

const files = [
  ['docker-compose.yml', '.', company],
  ['deploy/one-process.yml', 'deploy', onePart],
] as const;
const services = files.flatMap(([path, folder, file]) =>
  Object.entries(file.services).map(([name, service]) => ({ path, folder, file, name, service })),
);
const ours = services.flatMap((each) => {
  const part = partOf(each.service);
  return part === null ? [] : [{ ...each, part }];
});

test('every part of a company’s installation is there, and every part of the image is built', () => {
  const { all: _one, ...own } = parts;
  const named = Object.values(company.services).flatMap((service) => partOf(service) ?? []);
  expect(named.sort()).toEqual(Object.keys(own).sort());
  for (const program of Object.values(parts))
    expect(existsSync(join(projectRoot, program.replace(/\.js$/, '.ts')))).toBe(true);
});

test.each(ours)(
  '$path: what $name is told is what it reads, and nothing that it needs is missing',
  (each) => {
    const { VARIABLES, readConfig } = environments[each.part];
    const environment = each.service.environment ?? {};
    for (const [name, value] of Object.entries(environment)) {
      expect([...VARIABLES, 'NODE_OPTIONS']).toContain(name);
      // A number would be written to the environment as whatever YAML takes it for.
      expect(value).toBeTypeOf('string');
    }
    expect(readConfig(environment)).toBeTypeOf('object');
  },
);

test.each(Object.entries(subgraphs))(
  '%s and the gateway are told where everybody is whom they ask',
  (name) => {
    for (const part of ['gateway', name as keyof typeof subgraphs] as const) {
      const asked = environments[part].VARIABLES.filter((variable) =>
        /^(?!.*DATABASE)[A-Z]+_URL$/.test(variable),
      );
      expect(asked).not.toEqual([]);
      expect(Object.keys(company.services[part]?.environment ?? {})).toEqual(expect.arrayContaining(asked));
    }
  },
);

test.each(services)('$path: $name is built from what exists, or is an image of a fixed version', (each) => {
  const { build, image, volumes = [], mem_limit: limit } = each.service;
  if (build) expect(existsSync(join(projectRoot, each.folder, build.context, build.dockerfile))).toBe(true);
  else expect(image).toMatch(/:\d/);
  expect(limit).toMatch(/^\d+[mg]$/);
  for (const volume of volumes) expect(each.file.volumes).toHaveProperty(volume.split(':')[0] ?? '');
});

test('whoever is named is there, at that port', () => {
  const addresses = addressesOf(company);
  const isOurs = ({ path }: { path: string }) => path === 'docker-compose.yml';
  for (const { service } of ours.filter(isOurs))
    for (const value of Object.values(service.environment ?? {})) {
      const [, named] = /(?:^|[/@])([a-z.]+:\d+)(?:$|\/)/.exec(value) ?? [];
      if (named !== undefined) expect([...addresses.keys()]).toContain(named);
    }
});

test.each(ours)('$path: $name is healthy by a path of its own, at the port where it listens', (each) => {
  const { environment = {}, healthcheck, ports = [] } = each.service;
  const port = environment['PORT'] ?? environment['ISSUER_PORT'];
  const [command, node, program = '', url = ''] = healthcheck?.test ?? [];
  expect([command, node]).toEqual(['CMD', 'node']);
  expect(existsSync(join(projectRoot, program.replace(/^dist\/(.*)\.js$/, '$1.ts')))).toBe(true);
  const path = each.part === 'issuer' ? '/.well-known/openid-configuration' : '/readyz';
  expect(url).toBe(`http://127.0.0.1:${port}${path}`);
  for (const published of ports) expect(published).toBe(`127.0.0.1:${port}:${port}`);
});

test('what waits for something waits for a service that says when it is healthy', () => {
  for (const { depends_on: needed = {} } of Object.values(company.services))
    for (const [name, { condition }] of Object.entries(needed)) {
      expect(condition).toBe('service_healthy');
      expect(company.services[name]?.healthcheck).toBeDefined();
    }
});

test('data lies where the volumes are', () => {
  for (const [name, key] of [
    ['issuer', 'dataDir'],
    ['cluster', 'dataFolder'],
  ] as const) {
    const { environment = {}, volumes = [] } = company.services[name] ?? {};
    expect(environments[name].readConfig(environment)).toHaveProperty(key, volumes[0]?.split(':')[1]);
  }
  const { environment = {}, volumes = [] } = company.services['resources'] ?? {};
  expect(volumes[0]).toBe('cluster:/etc/fleetgraph:ro');
  expect(environment['FLEETGRAPH_KUBECONFIG']).toBe('/etc/fleetgraph/kubeconfig');
  const one = onePart.services['fleetgraph'];
  expect(all.readConfig(one?.environment ?? {}).dataFolder).toBe(one?.volumes?.[0]?.split(':')[1]);
});

test.each(Object.keys(secrets))(
  'without %s nothing starts, and the example names it without a value',
  (name) => {
    expect(() => readComposeFile('docker-compose.yml', { ...secrets, [name]: '' })).toThrow(
      `${name} is missing, see deploy/env.example`,
    );
    const example = readFileSync(join(projectRoot, 'deploy', 'env.example'), 'utf8');
    expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  },
);

test('the image holds what the programs read at run time, and runs as nobody special', () => {
  for (const path of ['dist', 'schema', 'prisma/migrations', 'package.json', 'scripts/token.mjs'])
    expect(dockerfile).toContain(`COPY --from=build /app/${path} ${path}`);
  expect(dockerfile).toContain('npm ci --omit=dev --omit=optional');
  expect(dockerfile).toMatch(/\nUSER node\n(?![^]*\nUSER )/);
  expect(dockerfile).toContain(`EXPOSE ${all.readConfig({}).port}`);
  const [, main = ''] = /ENTRYPOINT \["node", "dist\/(.+)\.js"\]/.exec(dockerfile) ?? [];
  expect(existsSync(join(projectRoot, `${main}.ts`))).toBe(true);
  expect(/CMD \["(\w+)"\]/.exec(dockerfile)?.[1]).toBe('all' satisfies PartName);
});

test('secrets and data do not go into the image', () => {
  const ignored = readFileSync(join(projectRoot, '.dockerignore'), 'utf8').split('\n');
  for (const path of ['.env', '.fleetgraph', '.git', 'node_modules', 'dist']) expect(ignored).toContain(path);
});
