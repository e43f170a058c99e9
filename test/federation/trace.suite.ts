import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { dataOf, newKey } from '../testkit/fleet.js';
import type { ServedFleet } from '../testkit/sharedFleet.js';
import type { SpanFacts } from '../testkit/spanFacts.js';
import { until } from '../testkit/until.js';

type Me = { me: { projects: { edges: { node: { id: string; key: string } }[] } } };
type Planned = { planInstance: { feasible: boolean } };
type Requested = { requestInstance: { instance: { id: string } } };

/** What must be seen of a request until its pod runs, from the outside in. */
const WAY = [
  'POST /graphql',
  'mutation RequestInstance',
  'fetch resources',
  'mutation requestInstance',
  'command placeHold',
  'command requestInstance',
  'SELECT eventlog.append',
  'publish resources',
  'PATCH statefulsets',
  'command observeInstance',
];

/** One trace of a request, through whatever processes it goes. */
export function traceSuite(options: {
  fleet: () => ServedFleet;
  /** Those that have arrived. */
  spans: () => readonly SpanFacts[];
  /** Whether the parts are processes of their own. */
  isSpread?: boolean;
}): void {
  const { fleet, spans, isSpread = false } = options;
  const way = isSpread ? [...WAY, 'call placeHold'] : WAY;

  test('one trace shows an instance from the HTTP request to the running pod, every part under another', async () => {
    const caller = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') };
    const client = await fleet().as('vision-researcher');
    const { me } = dataOf(await client.run<Me>('Me'));
    const request = {
      projectId: me.projects.edges.find(({ node }) => node.key === 'vision')?.node.id,
      name: 'traced',
      image: 'jupyter/base-notebook',
      gpu: { modelIn: ['a100-sxm4-80gb'], count: 1 },
    };
    await until('the cluster is known', async () => {
      const { data } = await client.run<Planned>('PlanInstance', { input: request });
      return data?.planInstance.feasible === true;
    });
    client.within(`00-${caller.traceId}-${caller.spanId}-01`);
    const input = { idempotencyKey: newKey(), request };
    const { requestInstance } = dataOf(await client.run<Requested>('RequestInstance', { input }));
    const { id } = requestInstance.instance;
    client.within(null);

    const ofTrace = () => spans().filter(({ traceId }) => traceId === caller.traceId);
    const running = () => ofTrace().find((span) => eventsOf(span).includes('InstanceRunning'));
    const names = () => new Set(ofTrace().map(({ name }) => name));
    const isConnected = () => orphansOf(ofTrace(), caller.spanId).length === 0;
    await until('the pod runs, and all of it has arrived', async () =>
      Boolean(running() && way.every((name) => names().has(name)) && isConnected()),
    );

    expect(running()?.attributes['fleetgraph.streams']).toEqual([id]);
    const services = new Set(ofTrace().map(({ service }) => service));
    const parts = isSpread ? ['gateway', 'resources', 'billing', 'governance'] : [null];
    expect([...services]).toEqual(expect.arrayContaining(parts));
    await client.run('TerminateInstance', { input: { id, idempotencyKey: newKey() } });
  });
}

const eventsOf = ({ attributes }: SpanFacts) => (attributes['fleetgraph.events'] ?? []) as readonly string[];

/** Spans whose parent is neither among them nor the caller's. */
function orphansOf(spans: readonly SpanFacts[], callerSpanId: string): SpanFacts[] {
  const known = new Set([callerSpanId, ...spans.map(({ spanId }) => spanId)]);
  return spans.filter(({ parentSpanId }) => parentSpanId === null || !known.has(parentSpanId));
}
