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

export type Answer<Data = Record<string, unknown>> = {
  data: Data | null;
  errors?: {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; details: Record<string, never> };
  }[];
};

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
}

export interface TestFleet extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly url: string;
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
  return {
    fleet,
    url,
    as: async (username) => createTestClient(url, await developmentToken(fleet.issuer, username)),
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createTestClient(url: string, token: string): Client {
  const authorization = `Bearer ${token}`;
  let positions: string | null = null;

  async function send<Data>(query: string, variables: object = {}): Promise<Answer<Data>> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization,
        ...(positions !== null && { 'fleetgraph-positions': positions }),
      },
      body: JSON.stringify({ query, variables }),
    });
    positions = response.headers.get('fleetgraph-positions') ?? positions;
    return (await response.json()) as Answer<Data>;
  }

  return {
    send,
    run: (name, variables) => send(operation(name), variables),
    subscribe<Data>(name: string, variables: object = {}) {
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

/** A key that nobody has used. */
export const newKey = (): string => randomUUID();
