import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadYaml } from '@kubernetes/client-node';
import { projectRoot } from '../../platform/compiled.js';

/** What we use of a service of a compose file. */
export type Service = {
  readonly image?: string;
  readonly build?: { context: string; dockerfile: string };
  /** The part of Fleetgraph that the image becomes; of other images their own command. */
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly networks?: Readonly<Record<string, { aliases?: readonly string[] }>>;
  readonly mem_limit?: string;
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

/** Reads a compose file of this project as `docker compose` would where only these variables are set. */
export function readComposeFile(path: string, variables: Readonly<Record<string, string>> = {}): ComposeFile {
  const text = readFileSync(join(projectRoot, path), 'utf8');
  return withMerges(loadYaml(withVariables(text, variables))) as ComposeFile;
}

/** YAML's `<<: *anchor`, which this parser takes for a key. What is written beside it comes first. */
function withMerges(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMerges);
  if (typeof value !== 'object' || value === null) return value;
  const { '<<': merged, ...own } = value as Record<string, unknown>;
  const entries = Object.entries(own).map(([key, each]) => [key, withMerges(each)]);
  return { ...(withMerges(merged) as object | undefined), ...Object.fromEntries(entries) };
}

/** `${NAME:?why it is needed}` and `${NAME:-what it is otherwise}`. An empty variable is as good as none. */
const withVariables = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_whole, name: string, kind: string, rest: string) => {
    const value = variables[name] || (kind === '-' ? rest : '');
    if (value === '') throw new Error(`${name} ${rest}`);
    return value;
  });

/** What our image itself tells every part. */
export function readImageEnvironment(): Readonly<Record<string, string>> {
  const dockerfile = readFileSync(join(projectRoot, 'deploy', 'Dockerfile'), 'utf8');
  const settings = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => line.split(' '));
  return Object.fromEntries(
    settings.map((setting) => setting.split(/=(.*)/).slice(0, 2) as [string, string]),
  );
}

/** The host and port by which each service is reached in the file, for example `governance:4011`. */
export function addressesOf({ services }: ComposeFile): Map<string, { service: string; port: number }> {
  const addresses = new Map<string, { service: string; port: number }>();
  for (const [service, { networks, ...rest }] of Object.entries(services)) {
    const port = portOf({ service, ...rest });
    if (port === null) continue;
    const aliases = Object.values(networks ?? {}).flatMap((network) => network.aliases ?? []);
    for (const host of [service, ...aliases]) addresses.set(`${host}:${port}`, { service, port });
  }
  return addresses;
}

/** Engines listen where they always do; our parts where their environment says. */
function portOf({ service, environment }: Service & { service: string }): number | null {
  const ours = environment?.['PORT'] ?? environment?.['ISSUER_PORT'];
  if (ours !== undefined) return Number(ours);
  return ENGINE_PORTS[service] ?? null;
}

const ENGINE_PORTS: Readonly<Record<string, number>> = { postgres: 5432, kafka: 9092 };
