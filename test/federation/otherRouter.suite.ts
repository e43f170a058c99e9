import { isDeepStrictEqual } from 'node:util';
import { getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GovernanceCalls } from '../../contracts/calls.js';
import { createFleetAuthenticator } from '../../fleet/identity.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import type { Principal } from '../../platform/identity/principal.js';
import { createPeer } from '../../platform/server/peer.js';
import { variables as environment } from '../../platform/server/processConfig.js';
import { createRemoteCalls } from '../../platform/server/remoteCalls.js';
import { createLog } from '../../platform/telemetry/log.js';
import { type Answer, type Client, newKey } from '../testkit/fleet.js';
import { operations } from '../testkit/operations.js';
import type { ServedFleet } from '../testkit/sharedFleet.js';
import { type OtherRouter, startApolloGateway } from './apolloGateway.js';
import type { ProcessFleet } from './processFleet.js';

/** A trusted document that somebody has run. */
type Asked = { readonly name: string; readonly variables: object; readonly username: string };

/** A fleet that remembers what its users ask. */
export function rememberAsked<Fleet extends ServedFleet>(fleet: () => Fleet) {
  const asked: Asked[] = [];
  const remembering = (client: Client, username: string): Client =>
    Object.assign(Object.create(client) as Client, {
      run: (name: string, variables: object = {}) => {
        asked.push({ name, variables, username });
        return client.run(name, variables);
      },
    });
  const as = async (username: string) => remembering(await fleet().as(username), username);
  return { asked, fleet: (): Fleet => ({ ...fleet(), as }) };
}

const documents = [...operations].filter(
  ([, text]) => getOperationAST(parse(text))?.operation !== 'subscription',
);
/** Of each document these many: the first ones succeeded, later ones are often refused. */
const ASKED_MAX = 4;
/** Things go on while they are asked about. */
const EQUAL_WITHIN_MS = 15_000;

/**
 * Asks again what was asked before, of our router and of Apollo's, over the same subgraphs: each document gets the same
 * answer from both. A mutation has a new key, so that Apollo's executes it; ours then repeats it.
 */
export function otherRouterSuite(fleet: () => ProcessFleet, asked: readonly Asked[]): void {
  let other: OtherRouter;
  let principalOf: (username: string) => Promise<Principal>;
  beforeAll(async () => {
    const { issuer, environments } = fleet().installation;
    const { FLEETGRAPH_SIGNING_KEYS = '', OIDC_AUDIENCE = '', ...told } = environments.get('gateway') ?? {};
    const keys = environment.signingKeys.parse(FLEETGRAPH_SIGNING_KEYS);
    const urlOf = (subgraph: string) => told[`${subgraph.toUpperCase()}_URL`] ?? '';
    other = await startApolloGateway({ urlOf, keys });
    const log = createLog({ name: 'test', level: 'silent' });
    const governance = createPeer({
      name: 'governance',
      url: urlOf('governance'),
      caller: 'test',
      keys,
      log,
    });
    const calls = createRemoteCalls<GovernanceCalls>(governance, { resolvePrincipal: true });
    const { authenticate } = createFleetAuthenticator({ issuer, audience: OIDC_AUDIENCE }, calls);
    principalOf = async (username) => {
      const authorization = `Bearer ${await developmentToken(issuer, username)}`;
      return (await authenticate({ authorization })).principal;
    };
  });
  afterAll(() => other[Symbol.asyncDispose]());

  test.each(documents)('%s is answered the same by Apollo’s router', async (name, text) => {
    const these = asked.filter((each) => each.name === name);
    expect(these).not.toEqual([]);
    for (const { variables, username } of [...these.slice(0, ASKED_MAX - 1), ...these.slice(-1)]) {
      const [ours, principal] = await Promise.all([fleet().as(username), principalOf(username)]);
      const again = withNewKey(variables);
      const deadline = performance.now() + EQUAL_WITHIN_MS;
      for (;;) {
        const theirs = comparable(await other.ask(text, again, principal));
        const own = comparable(await ours.send(text, again));
        if (isDeepStrictEqual(theirs, own)) break;
        if (performance.now() > deadline) expect(theirs).toEqual(own);
      }
    }
  });
}

const withNewKey = (variables: object): object => {
  if (!('input' in variables)) return variables;
  const input = variables.input as object;
  return 'idempotencyKey' in input
    ? { ...variables, input: { ...input, idempotencyKey: newKey() } }
    : variables;
};

/** The data, and the codes of the errors. */
const comparable = ({ data, errors = [] }: Answer<unknown>): unknown => ({
  data: JSON.parse(JSON.stringify(data), withoutMoments) as unknown,
  codes: errors.map(({ extensions }) => extensions.code).sort(),
});

/** What accrues from one millisecond to the next is compared to the cent and to the second. */
function withoutMoments(key: string, value: unknown): unknown {
  if (key === 'amount' && typeof value === 'string') return Number(value).toFixed(2);
  return key === 'gpuSeconds' ? Math.round(Number(value)) : value;
}
