import { beforeAll, expect, test } from 'vitest';
import { type Client, newKey, type TestFleet } from '../testkit/fleet.js';
import { until } from '../testkit/until.js';

type Instance = {
  id: string;
  state: string;
  version: number;
  endpoints: { name: string; url: string }[];
  allocations: { id: string; from: string; to: string | null; gpu: { id: string; model: { id: string } } }[];
  provisioningSteps: { name: string; state: string }[];
  cost: { accrued: { amount: string }; ratePerHour: { amount: string } };
  auditTrail: { edges: { node: { type: string; actor: { id: string; displayName: string } } }[] };
};

/** The life of instances as clients see it, wherever the fleet runs. */
export function instanceSuite(fleet: () => TestFleet): void {
  let researcher: Client;
  let projectId: string;

  beforeAll(async () => {
    researcher = await fleet().as('vision-researcher');
    projectId = await projectOf(researcher);
  });

  type Me = { me: { projects: { edges: { node: { id: string; key: string } }[] } } };

  async function projectOf(client: Client): Promise<string> {
    const { data } = await client.run<Me>('Me');
    return data?.me.projects.edges[0]?.node.id ?? '';
  }

  const request = (overrides: object = {}) => ({
    projectId,
    name: 'notebook',
    image: 'jupyter/base-notebook',
    gpu: { modelIn: ['h100-sxm5-80gb'], count: 2 },
    ports: [{ name: 'http', port: 8888 }],
    ...overrides,
  });

  async function requestInstance(client: Client, overrides: object = {}) {
    const input = { idempotencyKey: newKey(), request: request(overrides) };
    return client.run<{ requestInstance: { eventId: string; instance: Instance } }>('RequestInstance', {
      input,
    });
  }

  const readInstance = async (id: string) =>
    (await researcher.run<{ instance: Instance }>('InstancePage', { id })).data?.instance;

  const reaches = (id: string, state: string) =>
    until(`${id} is ${state}`, async () => (await readInstance(id))?.state === state);

  test('an instance goes from request to termination, streams its steps, costs by the formula and leaves a trail', async () => {
    const asked = await requestInstance(researcher);
    expect(asked.errors).toBeUndefined();
    const id = asked.data?.requestInstance.instance.id ?? '';

    const seen: string[] = [];
    const feed = researcher.subscribe<{
      instanceEvents: { cursor: string; type: string; instance: Instance };
    }>('InstanceEvents', { id });
    for await (const { data } of feed) {
      seen.push(data?.instanceEvents.instance.state ?? '');
      if (seen.at(-1) === 'RUNNING') break;
    }
    expect(seen.at(-1)).toBe('RUNNING');

    const running = await readInstance(id);
    expect(running?.allocations.map(({ gpu }) => gpu.model.id)).toEqual(['h100-sxm5-80gb', 'h100-sxm5-80gb']);
    expect(running?.provisioningSteps.every(({ state }) => state === 'SUCCEEDED')).toBe(true);
    expect(running?.endpoints.map(({ name }) => name)).toEqual(['http']);
    await until(
      'its rate is known',
      async () => (await readInstance(id))?.cost.ratePerHour.amount === '5.98',
    );

    const command = () => ({ input: { id, idempotencyKey: newKey() } });
    expect((await researcher.run('StopInstance', command())).errors).toBeUndefined();
    await reaches(id, 'STOPPED');
    await until('it costs no more', async () => (await readInstance(id))?.cost.ratePerHour.amount === '0');
    expect((await researcher.run('StartInstance', command())).errors).toBeUndefined();
    await reaches(id, 'RUNNING');
    expect((await researcher.run('TerminateInstance', command())).errors).toBeUndefined();
    await reaches(id, 'TERMINATED');

    const ended = await readInstance(id);
    expect(ended?.allocations).toHaveLength(4);
    await until(
      'the bill is final',
      async () => (await readInstance(id))?.cost.accrued.amount === costOf(ended),
    );
    await until('the trail is complete', async () => (await trailOf(id)).includes('InstanceTerminated'));
    expect(await trailOf(id)).toEqual(await storedOf(id));
  });

  type Trail = {
    auditEvents: {
      edges: { node: { type: string; actor: { id: string }; requestId: string; subject: { id: string } } }[];
    };
  };

  /** What an auditor reads of the instance, oldest first; every entry says who and in which request. */
  async function trailOf(id: string): Promise<string[]> {
    const auditor = await fleet().as('auditor');
    const { data } = await auditor.run<Trail>('AuditEvents', { filter: { subjectId: id }, first: 100 });
    const events = (data?.auditEvents.edges ?? [])
      .map(({ node }) => node)
      .filter(({ subject }) => subject.id === id)
      .reverse();
    expect(events.every(({ actor, requestId }) => actor.id !== '' && requestId !== '')).toBe(true);
    return events.map(({ type }) => type);
  }

  const storedOf = async (id: string) =>
    (await fleet().fleet.core.resources.spine.store.readStream(id)).map(({ type }) => type);

  /** Milliseconds × 2.99 ÷ 3,600,000, half-even to 9 decimals, per allocation; in integers. */
  function costOf(instance: Instance | undefined): string {
    const nanos = (instance?.allocations ?? []).reduce((sum, { from, to }) => {
      const ms = BigInt(Date.parse(to ?? '') - Date.parse(from));
      const [amount, divisor] = [ms * 2_990_000_000n, 3_600_000n];
      const [whole, rest] = [amount / divisor, amount % divisor];
      const up = 2n * rest > divisor || (2n * rest === divisor && whole % 2n === 1n);
      return sum + whole + (up ? 1n : 0n);
    }, 0n);
    const text = nanos.toString().padStart(10, '0');
    return `${text.slice(0, -9)}.${text.slice(-9)}`.replace(/\.?0+$/, '');
  }

  const codeOf = (answer: { errors?: { extensions: { code: string } }[] }) =>
    answer.errors?.[0]?.extensions.code;

  test('what quota, hardware, rights or state do not allow is refused with its code, and nothing is stored', async () => {
    const head = () => fleet().fleet.core.database.prisma.event.count({ where: { context: 'resources' } });
    const auditor = await fleet().as('auditor');
    const stranger = await fleet().as('speech-researcher');
    const before = await head();
    expect(codeOf(await requestInstance(researcher, { gpu: { modelIn: ['l40s-48gb'], count: 1 } }))).toBe(
      'QUOTA_EXCEEDED',
    );
    expect(
      codeOf(await requestInstance(researcher, { gpu: { modelIn: ['h100-sxm5-80gb'], count: 9 } })),
    ).toBe('UNSATISFIABLE');
    expect(codeOf(await requestInstance(researcher, { name: 'x'.repeat(10_000) }))).toBe('BAD_USER_INPUT');
    expect(
      codeOf(await requestInstance(researcher, { gpu: { modelIn: ['h100-sxm5-80gb'], count: -1 } })),
    ).toBe('BAD_USER_INPUT');
    expect(codeOf(await requestInstance(stranger))).toBe('NOT_FOUND');
    expect(codeOf(await requestInstance(auditor))).toBe('FORBIDDEN');
    expect(await head()).toBe(before);
  });

  test('one mutation a hundred times at once with one key has one effect and one answer', async () => {
    const input = {
      idempotencyKey: newKey(),
      request: request({ gpu: { modelIn: ['a100-sxm4-80gb'], count: 1 } }),
    };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        researcher.run<{ requestInstance: { instance: Instance; eventId: string } }>('RequestInstance', {
          input,
        }),
      ),
    );
    const ids = new Set(answers.map(({ data }) => data?.requestInstance.instance.id));
    expect(ids.size).toBe(1);
    expect(new Set(answers.map(({ data }) => data?.requestInstance.eventId)).size).toBe(1);
    const changed = { input: { ...input, request: { ...input.request, name: 'other' } } };
    expect(codeOf(await researcher.run('RequestInstance', changed))).toBe('IDEMPOTENCY_KEY_REUSED');
    const id = [...ids][0] ?? '';
    await reaches(id, 'RUNNING');
    await researcher.run('TerminateInstance', { input: { id, idempotencyKey: newKey() } });
    expect(codeOf(await researcher.run('StopInstance', { input: { id, idempotencyKey: newKey() } }))).toBe(
      'ILLEGAL_TRANSITION',
    );
  });
}
