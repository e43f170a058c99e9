import { type Answer, type Client, dataOf, newKey, refusalOf, type TestFleet } from '../testkit/fleet.js';
import type { randomsOf } from '../testkit/randoms.js';

const MODELS = ['h100-sxm5-80gb', 'a100-sxm4-80gb', 'l40s-48gb', 'h200-sxm5-141gb'];
const ROLES = ['ProjectAdmin', 'Researcher', 'FinOps', 'Auditor', 'ModelApprover'];
const PERIODS = ['MONTH', 'QUARTER', 'YEAR'];
/** What random commands may be refused with. Anything else is a fault. */
const REFUSALS = [
  'BUDGET_EXCEEDED',
  'BUDGET_EXISTS',
  'CAPACITY_EXHAUSTED',
  'CONFLICT',
  'ILLEGAL_TRANSITION',
  'NAME_TAKEN',
  'PROJECT_KEY_TAKEN',
  'QUOTA_EXCEEDED',
  'UNSATISFIABLE',
];

type Created = { id: string };
type Kind = 'project' | 'binding' | 'budget' | 'instance' | 'priceBook';

/** Commands of all kinds on things that earlier ones made, chosen at random; many are refused, as they should be. */
export async function createRandomCommands(fleet: TestFleet, { below }: ReturnType<typeof randomsOf>) {
  const admin = await fleet.as('org-admin');
  const operator = await fleet.as('operator');
  const { users } = dataOf(
    await admin.run<{ users: { edges: { node: Created }[] } }>('Users', { search: '', first: 100 }),
  );
  const userIds = users.edges.map(({ node }) => node.id);
  const { nodes } = dataOf(
    await admin.send<{ nodes: { edges: { node: Created }[] } }>(
      '{ nodes(first: 100) { edges { node { id } } } }',
    ),
  );
  const nodeIds = nodes.edges.map(({ node }) => node.id);
  const made: Record<Kind, string[]> = { project: [], binding: [], budget: [], instance: [], priceBook: [] };
  const outcomes = { accepted: 0, refused: 0 };
  let names = 0;

  const one = <Thing>(things: readonly Thing[]): Thing | undefined => things[below(things.length)];
  const fields = (more: object) => ({ input: { idempotencyKey: newKey(), ...more } });

  /** Counts how it went, and remembers what it made: the one field of the answer that has an id. */
  async function note(answer: Answer<object>, kind?: Kind): Promise<void> {
    const refusal = refusalOf(answer);
    if (refusal && !REFUSALS.includes(refusal.code)) throw new Error(JSON.stringify(answer));
    outcomes[refusal ? 'refused' : 'accepted'] += 1;
    const [payload] = Object.values(answer.data ?? {}) as Record<string, unknown>[];
    const thing = Object.values(payload ?? {}).find(isCreated);
    if (kind && thing) made[kind].push(thing.id);
  }
  const run = async (name: string, input: object, kind?: Kind) =>
    note(await admin.run(name, fields(input)), kind);
  const mutate = async (name: string, type: string, selection: string, input: object, kind?: Kind) =>
    note(
      await send(
        admin,
        `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`,
        fields(input),
      ),
      kind,
    );

  const instanceCommand = (name: string) => async () => {
    const id = one(made.instance);
    if (id) await run(name, { id, ...(below(8) === 0 && { expectedVersion: 3 + below(9) }) });
  };
  const steps: (() => Promise<void>)[] = [
    () =>
      run(
        'CreateProject',
        {
          key: `random-${below(40)}`,
          name: 'Random',
          ...(below(2) && made.project.length > 0 && { parentId: one(made.project) }),
        },
        'project',
      ),
    () =>
      inProject((projectId) => run('SetQuota', { projectId, gpuModelId: one(MODELS), nominal: below(20) })),
    () =>
      inProject((projectId) =>
        run('BindRole', { projectId, role: one(ROLES), subject: { userId: one(userIds) } }, 'binding'),
      ),
    async () => {
      const id = one(made.binding);
      if (id) await run('RevokeRole', { id });
    },
    () =>
      inProject((projectId) =>
        run('CreateBudget', { projectId, period: one(PERIODS), amount: usd(below(200)) }, 'budget'),
      ),
    async () => {
      const id = one(made.budget);
      if (id) await run('UpdateBudget', { id, amount: usd(below(200)) });
    },
    () => inProject((projectId) => run('RegisterModel', { projectId, name: `model-${(names += below(2))}` })),
    () => mutate('createPriceBook', 'CreatePriceBookInput', 'priceBook { id }', priceBook(), 'priceBook'),
    async () => {
      const id = one(made.priceBook);
      if (id) await mutate('activatePriceBook', 'ActivatePriceBookInput', 'eventId', { id });
    },
    () => mutate('cordonNode', 'CordonNodeInput', 'eventId', { id: one(nodeIds), reason: 'random' }),
    () => mutate('uncordonNode', 'UncordonNodeInput', 'eventId', { id: one(nodeIds) }),
    ...Array.from({ length: 4 }, () => () => inProject(requestInstance)),
    decideApproval,
    instanceCommand('StopInstance'),
    instanceCommand('StartInstance'),
    instanceCommand('StartInstance'),
    instanceCommand('TerminateInstance'),
  ];

  async function inProject(command: (projectId: string) => Promise<void>): Promise<void> {
    const projectId = one(made.project);
    if (projectId) await command(projectId);
  }

  const requestInstance = (projectId: string) => {
    const gpu = { modelIn: MODELS.slice(below(MODELS.length)), count: 1 + below(6) };
    const request = { projectId, name: 'random', image: 'busybox', gpu, ports: [{ name: 'http', port: 80 }] };
    return run('RequestInstance', { request }, 'instance');
  };

  /** Somebody else decides on one of those that wait. */
  async function decideApproval(): Promise<void> {
    const { approvals } = dataOf(
      await operator.run<{ approvals: { edges: { node: Created }[] } }>('Approvals', { first: 20 }),
    );
    const id = one(approvals.edges)?.node.id;
    const decision = below(4) ? 'APPROVE' : 'REJECT';
    if (id) await note(await operator.run('DecideApproval', fields({ id, decision })));
  }

  const priceBook = () => ({
    name: `prices-${(names += 1)}`,
    source: 'random',
    rates: MODELS.map((gpuModelId) => ({ gpuModelId, perHour: `${1 + below(9)}.${below(100)}` })),
  });

  for (let count = 0; count < 3; count++) await steps[0]?.();
  return { next: () => one(steps)?.() ?? Promise.resolve(), outcomes: () => outcomes };
}

const usd = (amount: number) => ({ amount: String(amount + 1), currency: 'USD' });
const send = (client: Client, query: string, variables: object) => client.send<object>(query, variables);
const isCreated = (value: unknown): value is Created =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
