import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { createFleet, type Fleet } from '../../fleet/app.js';
import { readConfig } from '../../fleet/config.js';
import { createLog } from '../../platform/telemetry/log.js';
import { operation } from './operations.js';
import { testDatabase } from './testDatabase.js';
import { until } from './until.js';

export type Answer<Data = Record<string, unknown>> = {
  data: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions: Refusal }[];
};

export type Refusal = { code: string; hint: string; retryable: boolean; details: Record<string, unknown> };

/** A demo user with a real token, talking to the gateway as any client does. */
export interface Client {
  /** Runs a trusted document by its name. */
  run<Data = Record<string, never>>(name: string, variables?: object): Promise<Answer<Data>>;
  send<Data = Record<string, never>>(query: string, variables?: object): Promise<Answer<Data>>;
  /** What a subscription delivers, until the consumer stops. */
  subscribe<Data = Record<string, never>>(
    name: string,
    variables?: object,
  ): AsyncIterableIterator<Answer<Data>>;
  /** What this client has written so far, which another one can be told to see. */
  readonly positions: string | null;
  /** From now on this client sees what the other has written, as one that was sent a link does. */
  follow(other: Client): Client;
  /** From now on what this client asks for is part of that span, a W3C traceparent; of none with null. */
  within(traceparent: string | null): void;
}

export interface TestFleet extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly url: string;
  /** The names of the trusted documents that clients of this fleet have run. */
  readonly ran: ReadonlySet<string>;
  as(username: string): Promise<Client>;
}

/**
 * The whole of Fleetgraph with the demo world, in this process, on ports and a folder of its own, and on a test database.
 * `environment` overrides, as it does for `npm start`.
 */
export async function startFleet(environment: NodeJS.ProcessEnv = {}): Promise<TestFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-'));
  const ports = { PORT: '0', ISSUER_PORT: '0', CLUSTER_PORT: '0' };
  const config = readConfig({ ...ports, FLEETGRAPH_DATA: folder, ...environment });
  const fleet = await createFleet(config, createLog({ name: 'test', level: 'silent' }), testDatabase);
  const { url } = fleet.server;
  const { prisma } = fleet.core.database;
  await until('the nodes are discovered', async () => (await prisma.node.count()) > 0);
  const ran = new Set<string>();
  return {
    fleet,
    url,
    ran,
    as: async (username) =>
      createTestClient(url, await developmentToken(fleet.issuer, username), (name) => ran.add(name)),
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function createTestClient(
  url: string,
  token: string,
  onRun: (name: string) => void = () => {},
): Client {
  const authorization = `Bearer ${token}`;
  let positions: string | null = null;
  let traceparent: string | null = null;

  async function send<Data>(query: string, variables: object = {}): Promise<Answer<Data>> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization,
        ...(positions !== null && { 'fleetgraph-positions': positions }),
        ...(traceparent !== null && { traceparent }),
      },
      body: JSON.stringify({ query, variables }),
    });
    positions = response.headers.get('fleetgraph-positions') ?? positions;
    return (await response.json()) as Answer<Data>;
  }

  return {
    send,
    run(name, variables) {
      onRun(name);
      return send(operation(name), variables);
    },
    get positions() {
      return positions;
    },
    follow(other) {
      positions = other.positions ?? positions;
      return this;
    },
    within(span) {
      traceparent = span;
    },
    subscribe<Data>(name: string, variables: object = {}) {
      onRun(name);
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
        lazy: true,
        retryAttempts: 0,
      });
      const payload = { query: operation(name), variables: variables as Record<string, unknown> };
      return client.iterate<Data>(payload) as unknown as AsyncIterableIterator<Answer<Data>>;
    },
  };
}

/** The data of an answer without errors. */
export function dataOf<Data>({ data, errors }: Answer<Data>): Data {
  if (errors || !data) throw new Error(`Refused: ${JSON.stringify(errors)}`);
  return data;
}

/** What an answer was refused with; undefined if it was not. */
export const refusalOf = ({ errors }: Answer<unknown>): Refusal | undefined => errors?.[0]?.extensions;

/** A key that nobody has used. */
export const newKey = (): string => randomUUID();
