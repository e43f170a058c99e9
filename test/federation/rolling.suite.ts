import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { type Balancer, startBalancer } from '../engines/balancer.js';
import type { Installation } from '../engines/installation.js';
import { type Answer, newKey } from '../testkit/fleet.js';
import { operation } from '../testkit/operations.js';
import { until } from '../testkit/until.js';

const CALLERS = 8;
/** So many answers between two steps. */
const ANSWERS = 40;
const ANSWERED_MS = 120_000;
const QUERY = '{ me { id } gpuCatalogue { id available pricePerHour { amount } } }';

/** An installation whose other parts reach one subgraph through a balancer. */
export type RollingFleet = {
  readonly installation: Installation;
  readonly balanced: { readonly service: string; readonly balancer: Balancer };
};

/**
 * Requests without a pause, some of which write, and what was wrong with their answers. Each has a connection of its own:
 * whoever keeps connections has to send again what finds one closed, and that would hide what we fail.
 */
function startLoad(url: string, token: string) {
  const failures: unknown[] = [];
  let [answered, isStopped] = [0, false];
  const dispatcher = new Agent({ pipelining: 0 });
  const send = async (query: string, variables: object = {}): Promise<void> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query, variables });
    const response = await request(`${url}/graphql`, { method: 'POST', headers, body, dispatcher });
    const { data, errors } = (await response.body.json()) as Answer;
    if (errors || !data) failures.push(errors);
  };
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let turn = 0; !isStopped; turn++) {
      const input = { idempotencyKey: newKey(), key: `p${newKey()}`, name: 'Made while others restart' };
      const sending = turn % 4 === 0 ? send(operation('CreateProject'), { input }) : send(QUERY);
      await sending.catch((error: unknown) => failures.push(error));
      answered += 1;
    }
  });
  return {
    failures,
    goesOn: async () => {
      const before = answered;
      await until('requests are answered', () => answered >= before + ANSWERS, ANSWERED_MS);
    },
    /** Ends when every request has its answer. */
    async stop() {
      isStopped = true;
      await Promise.all(callers);
    },
    async [Symbol.asyncDispose]() {
      isStopped = true;
      await dispatcher.destroy();
    },
  };
}

/** A subgraph and then the gateway get a replica, and the one before is told to end, while requests go on. */
export function rollingSuite(fleet: () => RollingFleet): void {
  test('the gateway and a subgraph are replaced under load, and no request fails', async () => {
    const { installation, balanced } = fleet();
    await using gateways = await startBalancer();
    gateways.sendTo([installation.portOf('gateway')]);
    const token = await developmentToken(installation.issuer, 'org-admin');
    const url = `http://127.0.0.1:${gateways.port}`;
    await using load = startLoad(url, token);
    await load.goesOn();

    for (const [service, balancer] of [
      [balanced.service, balanced.balancer],
      ['gateway', gateways],
    ] as const) {
      const old = installation.processes.get(service);
      const replica = await installation.startReplica(service);
      balancer.sendTo([installation.portOf(service), replica.port]);
      await load.goesOn();
      await old?.stop('SIGTERM');
      expect([service, old?.exitCode()]).toEqual([service, 0]);
      await load.goesOn();
    }
    await load.stop();
    expect(load.failures).toEqual([]);
  });
}
