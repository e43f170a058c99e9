import { randomUUID } from 'node:crypto';
import type { Permission } from '../../contracts/permissions.js';
import type { ObservedNode } from '../../contracts/resources.events.js';
import type { Principal } from '../../platform/identity/principal.js';
import type { KafkaOptions } from '../../platform/log/kafkaConfig.js';
import {
  type Caller,
  dataOf,
  type Harness,
  person,
  startHarness,
} from '../../test/testkit/subgraphHarness.js';
import { createResources, type Resources } from './app.js';
import { type BillingFake, createBillingFake } from '../../test/testkit/billingFake.js';

export const CLUSTER = 'eu-1';
export const H100 = 'h100-sxm5-80gb';
export const A100 = 'a100-sxm4-80gb';
export const L40S = 'l40s-48gb';

const CONTENTS: Permission[] = ['project:read', 'contents:read'];
const holder = (
  projects: Record<string, Permission[]>,
  everywhere: Permission[] = ['fleet:read'],
): Principal => person(everywhere, projects);

/** People with the rights that the shipped roles give. */
export const people = {
  researcher: holder({ vision: [...CONTENTS, 'instance:writeOwn'] }),
  colleague: holder({ vision: [...CONTENTS, 'instance:writeOwn'] }),
  admin: holder({ vision: [...CONTENTS, 'instance:write', 'instance:writeOwn'] }),
  stranger: holder({ speech: [...CONTENTS, 'instance:writeOwn'] }),
  /** Sees that the project exists, and nothing in it. */
  auditor: holder({ vision: ['project:read'] }),
  operator: holder({}, ['fleet:read', 'project:read', 'amounts:read', 'fleet:operate']),
  nobody: holder({}, []),
} as const;

export type ResourcesHarness = Harness<Resources> & { readonly billing: BillingFake };

export function nodeOf(name: string, gpuModelId: string, count = 8): ObservedNode {
  const device = (index: number) =>
    ({ index, gpuModelId, uuid: null, memoryMiB: 81_559, health: 'HEALTHY' }) as const;
  return {
    name,
    zone: 'eu-1a',
    cpuMillis: 192_000,
    memoryMiB: 2_000_000,
    ready: true,
    unschedulable: false,
    devices: Array.from({ length: count }, (_, index) => device(index)),
  };
}

/** The nodes of the demo world: 40 GPUs. */
export const demoNodes: readonly ObservedNode[] = [
  nodeOf('h100-1', H100),
  nodeOf('h100-2', H100),
  nodeOf('a100-1', A100),
  nodeOf('a100-2', A100),
  nodeOf('l40s-1', L40S),
];

/** Resources with the demo fleet and prices, and the projects vision (16 and 16 GPUs) and speech (8 and 8). */
export async function startResources(options: { kafka?: KafkaOptions } = {}): Promise<ResourcesHarness> {
  const billing = createBillingFake();
  const harness = await startHarness((deps) =>
    createResources({ ...deps, ...options, billing, clusterId: CLUSTER }),
  );
  for (const [project, nominal] of [
    ['vision', 16],
    ['speech', 8],
  ] as const) {
    await addProject(harness, project);
    await setQuota(harness, project, H100, nominal);
    await setQuota(harness, project, A100, nominal);
  }
  await setPrices(harness, 'example-2026-11', { [H100]: '2.99', [A100]: '1.79', [L40S]: '0.99' });
  await harness.app.nodes.registerCluster();
  await harness.app.nodes.recordNodes(demoNodes);
  return Object.assign(harness, { billing });
}

type Telling = Pick<Harness<Resources>, 'append'>;

export const addProject = ({ append }: Telling, id: string, parentId: string | null = null) =>
  append('governance', id, { type: 'ProjectCreated', data: { id, key: id, name: id, parentId } });

export const setQuota = ({ append }: Telling, projectId: string, gpuModelId: string, nominal: number) => {
  const id = `quota_${projectId}_${gpuModelId}`;
  return append('governance', id, { type: 'QuotaSet', data: { id, projectId, gpuModelId, nominal } });
};

/** A price book that counts from now on. */
export async function setPrices({ append }: Telling, version: string, perHour: Record<string, string>) {
  const id = `pricebook_${version}`;
  const inForceFrom = new Date(Date.now() - 1_000).toISOString();
  const rates = Object.entries(perHour).map(([gpuModelId, rate]) => ({ gpuModelId, perHour: rate }));
  const book = {
    id,
    version,
    currency: 'USD',
    effectiveFrom: inForceFrom,
    source: 'test',
    isExample: true,
    rates,
  };
  await append('billing', id, { type: 'PriceBookCreated', data: book });
  await append('billing', id, { type: 'PriceBookActivated', data: { id, inForceFrom } });
}

export const requestOf = (more: object = {}) => ({
  projectId: 'vision',
  name: 'notebook',
  image: 'docker.io/library/busybox:1.36',
  gpu: { modelIn: [H100], count: 1 },
  ...more,
});

const REQUEST = `mutation ($input: RequestInstanceInput!) {
  requestInstance(input: $input) { eventId version approval { id } instance { id state name allocations { id gpu { id } } } }
}`;

export type Requested = {
  eventId: string | null;
  version: number | null;
  approval: null;
  instance: { id: string; state: string; name: string; allocations: { id: string; gpu: { id: string } }[] };
};

/** Sends a request with a key of its own, unless `more` brings one. */
export const requestInstance = (caller: Caller, request: object = requestOf(), more: object = {}) =>
  caller(REQUEST, { input: { request, idempotencyKey: randomUUID(), ...more } });

export async function requested(caller: Caller, request?: object, more?: object): Promise<Requested> {
  return dataOf<{ requestInstance: Requested }>(await requestInstance(caller, request, more)).requestInstance;
}

export type Commanded = {
  eventId: string | null;
  version: number | null;
  instance: { id: string; state: string };
};

export const command = (
  caller: Caller,
  name: 'startInstance' | 'stopInstance' | 'terminateInstance',
  id: string,
  more: object = {},
) =>
  caller(
    `mutation ($input: InstanceCommandInput!) { ${name}(input: $input) { eventId version instance { id state } } }`,
    { input: { id, idempotencyKey: randomUUID(), ...more } },
  );

/** What a reconciler sees of a pod that comes up at once. */
export const comeUp = ({ app }: Pick<ResourcesHarness, 'app'>, id: string) =>
  app.observe(id, [
    { type: 'podCreated', podUid: `pod-of-${id}` },
    { type: 'stepFinished', step: 'SCHEDULE' },
    { type: 'podReady', endpoints: [{ name: 'http', url: `http://${id}.vision.svc:80` }] },
  ]);

export const goAway = ({ app }: Pick<ResourcesHarness, 'app'>, id: string) =>
  app.observe(id, [{ type: 'podGone' }]);
