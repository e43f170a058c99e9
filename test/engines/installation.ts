import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compiledPath } from '../../platform/compiled.js';
import { buildWith } from '../../platform/disposables.js';
import { signingKeys } from '../testkit/childProcess.js';
import {
  addressesOf,
  type ComposeFile,
  readComposeFile,
  readImageEnvironment,
  type Service,
} from './composeFile.js';
import { type EngineProcess, startProcess, untilReady } from './engineProcess.js';
import { freePorts } from './freePorts.js';

const READY_MS = 120_000;

export interface Installation extends AsyncDisposable {
  /** Of the gateway. */
  readonly url: string;
  /** Of the development issuer. */
  readonly issuer: string;
  /** By the names of their services. */
  readonly processes: ReadonlyMap<string, EngineProcess>;
  /** What each of them was told. */
  readonly environments: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly portOf: (service: string) => number;
  /** Ends a service's process and starts it again, told the same. Resolves when it is healthy. */
  restart(service: string, signal: NodeJS.Signals): Promise<void>;
  /** Starts one more process of a service, told the same, on a port of its own. Resolves when it is healthy. */
  startReplica(service: string): Promise<{ readonly port: number; readonly process: EngineProcess }>;
}

export type InstallationOptions = {
  /** Host and port of the services that are not ours, by their names, and of those of ours that are reached otherwise. */
  readonly engines: Readonly<Record<string, string>>;
  /** Ours that do not run. */
  readonly without?: readonly string[];
  /** What lies in the volumes from the start, by volume and path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What all of ours are told besides. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether our services have the ports that they have in the file, or any. */
  readonly ports?: 'same' | 'any';
  /** Told where our services will listen, before any of them starts. */
  readonly onPlaced?: (portOf: (service: string) => number) => void;
  /** Told of each as soon as it is healthy. */
  readonly onHealthy?: (service: string, url: string) => void;
};

/**
 * The processes of docker-compose.yml on this machine, each with the environment that it has there: only hosts and ports
 * are those of here, and volumes are folders. Each starts when what it waits for is healthy. All are ready at the end.
 */
export const startInstallation = (options: InstallationOptions): Promise<Installation> =>
  buildWith(async ({ use }) => {
    const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-installation-'));
    use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
    const { file, services, portOf } = await placeServices(options);
    options.onPlaced?.(portOf);
    const toHere = createTranslation(file, portOf, options.engines);
    for (const [path, text] of Object.entries(options.files ?? {})) writeInto(join(folder, path), text);

    const all = new Set<EngineProcess>();
    const processes = new Map<string, EngineProcess>();
    const environments = new Map<string, Record<string, string>>();
    const healthy = new Map<string, Promise<void>>();
    use({
      [Symbol.asyncDispose]: async () => void (await Promise.all([...all].map((each) => each.stop()))),
    });

    const startOne = async (place: Place): Promise<EngineProcess> => {
      const { name, service } = place;
      for (const needed of Object.keys(service.depends_on ?? {})) await healthy.get(needed);
      const environment = { ...toHere.environment(place, folder), ...options.environment };
      environments.set(name, environment);
      const args = [compiledPath(import.meta.url, '../../deploy/main.js'), String(service.command)];
      const env = { PATH: process.env['PATH'], ...readImageEnvironment(), ...environment };
      const started = startProcess(name, process.execPath, args, folder, env);
      all.add(started);
      const url = toHere.text(place, service.healthcheck?.test.at(-1) ?? '');
      await untilReady([started], async () => (await fetch(url)).ok, READY_MS);
      options.onHealthy?.(name, new URL(url).origin);
      return started;
    };
    for (const [name, service] of inOrder(services)) {
      const starting = startOne({ name, service, port: portOf(name) });
      healthy.set(
        name,
        starting.then((started) => void processes.set(name, started)),
      );
    }
    await Promise.all(healthy.values());
    const urlOf = (name: string) => `http://127.0.0.1:${portOf(name)}`;
    return {
      url: urlOf('gateway'),
      issuer: urlOf('issuer'),
      processes,
      environments,
      portOf,
      async restart(name, signal) {
        const service = Object.fromEntries(services)[name];
        if (!service) throw new Error(`There is no service ${name}`);
        await processes.get(name)?.stop(signal);
        processes.set(name, await startOne({ name, service, port: portOf(name) }));
      },
      async startReplica(name) {
        const [port = 0] = await freePorts(1);
        const service = Object.fromEntries(services)[name];
        if (!service) throw new Error(`There is no service ${name}`);
        return { port, process: await startOne({ name, service, port }) };
      },
    };
  });

/** A process of a service, and where it listens. */
type Place = { readonly name: string; readonly service: Service; readonly port: number };

/** Which services are ours and run here, and at which ports. */
async function placeServices({ without = [], ports = 'any' }: InstallationOptions) {
  const secrets = { FLEETGRAPH_SIGNING_KEYS: signingKeys(), POSTGRES_PASSWORD: 'unused' };
  const file = readComposeFile('docker-compose.yml', secrets);
  const services = Object.entries(file.services).filter(
    ([name, { build }]) => build && !without.includes(name),
  );
  const free = await freePorts(services.length);
  const chosen = new Map(services.map(([name], index) => [name, free[index]]));
  const own = new Map([...addressesOf(file).values()].map(({ service, port }) => [service, port]));
  const portOf = (name: string) => (ports === 'same' ? own : chosen).get(name) ?? 0;
  return { file, services, portOf };
}

/** Says for this machine what the file says for its network. */
function createTranslation(
  file: ComposeFile,
  portOf: (service: string) => number,
  engines: Readonly<Record<string, string>>,
) {
  const addresses = [...addressesOf(file)];
  const portThere = new Map(addresses.map(([, { service, port }]) => [service, String(port)]));
  const here = addresses.flatMap(([there, { service }]) => {
    const at = engines[service] ?? (portOf(service) > 0 ? `127.0.0.1:${portOf(service)}` : null);
    return at === null ? [] : [[there, at] as const];
  });

  function text({ name, port }: Place, value: string): string {
    const own = portThere.get(name) ?? '';
    if (value === own) return String(port);
    if (value === '0.0.0.0') return '127.0.0.1';
    const moved = value.replace(`//127.0.0.1:${own}/`, `//127.0.0.1:${port}/`);
    return here.reduce((said, [there, at]) => said.replaceAll(there, at), moved);
  }

  return {
    text,
    environment: (place: Place, folder: string) => {
      const { environment = {}, volumes = [] } = place.service;
      const targets = volumes.map((volume) => volume.split(':'));
      return Object.fromEntries(
        Object.entries(environment).map(([variable, value]) => {
          const [source = '', target = ''] = targets.find(([, path = '']) => value.startsWith(path)) ?? [];
          const said = target === '' ? text(place, value) : value.replace(target, join(folder, source));
          return [variable, said];
        }),
      );
    },
  };
}

/** Those that wait for others come after them. */
const inOrder = (services: readonly (readonly [string, Service])[]) =>
  [...services].sort(
    ([, one], [, other]) =>
      Object.keys(one.depends_on ?? {}).length - Object.keys(other.depends_on ?? {}).length,
  );

function writeInto(path: string, text: string): void {
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}
