import { type Client, dataOf, newKey, type TestFleet } from './fleet.js';
import { until } from './until.js';

/** A project of its own for one test, so that tests share a fleet and never each other's limits. */
export interface Tenant {
  readonly projectId: string;
  readonly key: string;
  /** `vision-researcher`, who may work in it as in `vision`; `speech-researcher` may not see it. */
  readonly researcher: Client;
  readonly administrator: Client;
  /** What `requestInstance` takes; `overrides` of the request come last. */
  request(gpuModelId: string, count: number, overrides?: object): object;
  requestInstance(gpuModelId: string, count: number, overrides?: object): Promise<RequestAnswer>;
  state(instanceId: string): Promise<string | undefined>;
  reaches(instanceId: string, state: string): Promise<void>;
  /** Ends an instance and waits until its devices are free. */
  end(instanceId: string): Promise<void>;
}

type RequestAnswer = Awaited<ReturnType<typeof requested>>;
type Requested = {
  requestInstance: { eventId: string; version: number; instance: { id: string; state: string } };
};

const requested = (client: Client, input: object) => client.run<Requested>('RequestInstance', { input });

const STATE = 'query State($id: ID!) { instance(id: $id) { state } }';

let tenants = 0;

export async function createTenant(
  fleet: Pick<TestFleet, 'as'>,
  limits: { quotas?: Record<string, number>; monthlyBudget?: string; parentId?: string } = {},
): Promise<Tenant> {
  const { quotas = {}, monthlyBudget, parentId } = limits;
  const administrator = await fleet.as('org-admin');
  const key = `tenant-${(tenants += 1)}`;
  const mutate = async <Data>(name: string, input: object) =>
    dataOf(await administrator.run<Data>(name, { input: { idempotencyKey: newKey(), ...input } }));

  const project = { key, name: `Tenant ${key}`, parentId };
  const created = await mutate<{ createProject: { project: { id: string } } }>('CreateProject', project);
  const projectId = created.createProject.project.id;
  for (const [gpuModelId, nominal] of Object.entries(quotas))
    await mutate('SetQuota', { projectId, gpuModelId, nominal });
  if (monthlyBudget !== undefined)
    await mutate('CreateBudget', {
      projectId,
      period: 'MONTH',
      amount: { amount: monthlyBudget, currency: 'USD' },
    });
  const member = await fleet.as('vision-researcher');
  const { me } = dataOf(await member.run<{ me: { id: string } }>('Me'));
  await mutate('BindRole', { subject: { userId: me.id }, role: 'Researcher', projectId });
  const researcher = member.follow(administrator);

  const request: Tenant['request'] = (gpuModelId, count, overrides = {}) => ({
    projectId,
    name: 'notebook',
    image: 'jupyter/base-notebook',
    gpu: { modelIn: [gpuModelId], count },
    ...overrides,
  });
  const state = async (id: string) => {
    const answer = await researcher.send<{ instance: { state: string } | null }>(STATE, { id });
    return answer.data?.instance?.state;
  };
  const reaches = (id: string, wanted: string) =>
    until(`${id} is ${wanted}`, async () => (await state(id)) === wanted);

  return {
    projectId,
    key,
    researcher,
    administrator,
    request,
    requestInstance: (gpuModelId, count, overrides) =>
      requested(researcher, { idempotencyKey: newKey(), request: request(gpuModelId, count, overrides) }),
    state,
    reaches,
    async end(id) {
      dataOf(await researcher.run('TerminateInstance', { input: { id, idempotencyKey: newKey() } }));
      await reaches(id, 'TERMINATED');
    },
  };
}
