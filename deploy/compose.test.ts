import { loadYaml } from '@kubernetes/client-node';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, VARIABLES } from '../fleet/config.js';
import { projectRoot } from '../platform/compiled.js';

type Service = {
  build: { context: string; dockerfile: string };
  environment: Record<string, string>;
  volumes: string[];
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };

const compose = loadYaml<Compose>(readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8'));
const dockerfile = readFileSync(join(projectRoot, 'deploy', 'Dockerfile'), 'utf8');

test.each(Object.entries(compose.services))(
  'the service %s is built and configured by what exists',
  (_name, service) => {
    expect(existsSync(join(projectRoot, service.build.context, service.build.dockerfile))).toBe(true);
    for (const variable of Object.keys(service.environment)) expect(VARIABLES).toContain(variable);
    const config = readConfig(service.environment);
    for (const volume of service.volumes) {
      const [name = '', folder] = volume.split(':');
      expect(compose.volumes).toHaveProperty(name);
      expect(config.dataFolder).toBe(folder);
    }
  },
);

test('the image holds what the program reads at run time, and its port is the default one', () => {
  for (const path of ['dist', 'schema', 'prisma/migrations', 'package.json'])
    expect(dockerfile).toContain(`COPY --from=build /app/${path} ${path}`);
  expect(dockerfile).toContain(`EXPOSE ${readConfig({}).port}`);
  const [, main = ''] = /CMD \["node", "dist\/(.+)\.js"\]/.exec(dockerfile) ?? [];
  expect(existsSync(join(projectRoot, `${main}.ts`))).toBe(true);
});
