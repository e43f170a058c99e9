import { expect, test } from 'vitest';
import { type Edges, ID, nodes, whoIs } from '../testkit/answers.js';
import { type Client, dataOf } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

/** An operator's and an auditor's: the fleet device by device, and the trail. */
export function oversightSuite({ fleet }: Setting): void {
  type Gpu = {
    id: string;
    uuid: string | null;
    health: string;
    model: { id: string };
    node: { name: string; zone: string; cluster: { name: string; connectivity: string } };
    occupant: { kind: string; redacted: boolean; name: string | null } | null;
  };
  type Fleet = { gpus: Edges<Gpu> & { totalCount: number } };

  test('the fleet is listed page by page, and shows an occupant to those alone who may see it', async () => {
    const fleetPage = async (client: Client, variables: object) =>
      dataOf(await client.run<Fleet>('Fleet', variables)).gpus;
    const researcher = await fleet().as('vision-researcher');
    const all: Gpu[] = [];
    for (let after: string | null = null; ;) {
      const page: Fleet['gpus'] = await fleetPage(researcher, { first: 15, after });
      expect(page.totalCount).toBe(40);
      all.push(...nodes(page));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(all).toHaveLength(40);
    expect(new Set(all.map(({ id }) => id)).size).toBe(40);
    expect(all.find(({ id }) => id === 'eu-1/h100-1/0')).toMatchObject({
      health: 'HEALTHY',
      model: { id: H100, name: 'H100 SXM5 80 GB' },
      node: { name: 'h100-1', zone: 'eu-1a', cluster: { name: 'eu-1', connectivity: 'ONLINE' } },
    });

    const tenant = await createTenant(fleet(), { quotas: { [H100]: 1 } });
    const { instance } = dataOf(await tenant.requestInstance(H100, 1, { name: 'secret' })).requestInstance;
    const filter = { modelIn: [H100], occupied: true };
    const occupants = async (client: Client) =>
      nodes(await fleetPage(client, { first: 100, filter })).map(({ occupant }) => occupant);
    expect(await occupants(tenant.researcher)).toEqual([
      { kind: 'INSTANCE', redacted: false, name: 'secret' },
    ]);
    for (const stranger of ['speech-researcher', 'operator', 'auditor'])
      expect(await occupants(await fleet().as(stranger))).toEqual([
        { kind: 'INSTANCE', redacted: true, name: null },
      ]);
    await tenant.reaches(instance.id, 'RUNNING');
    await tenant.end(instance.id);
    expect(await occupants(researcher)).toEqual([]);
  });

  type AuditEvent = {
    id: string;
    sequence: string;
    at: string;
    type: string;
    subgraph: string;
    actor: { id: string; kind: string; displayName: string };
    subject: { type: string; id: string; version: number };
    requestId: string;
    payload: Record<string, unknown>;
  };
  type Trail = { auditEvents: Edges<AuditEvent> };

  test('the audit trail is filtered and paged without a gap, and says who did what in which request', async () => {
    const auditor = await fleet().as('auditor');
    const trail = async (variables: object) =>
      dataOf(await auditor.run<Trail>('AuditEvents', { first: 100, ...variables })).auditEvents;
    const { projectId, administrator } = await createTenant(fleet(), { quotas: { [H100]: 3 } });
    auditor.follow(administrator);
    const { id: adminId } = await whoIs(administrator);

    const ofProject = nodes(await trail({ filter: { projectId } }));
    expect(ofProject.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['RoleBound', 'QuotaSet', 'ProjectCreated']),
    );
    const [quotaSet] = nodes(await trail({ filter: { projectId, typeIn: ['QuotaSet'] } }));
    expect(quotaSet).toMatchObject({
      subgraph: 'governance',
      actor: { id: adminId, kind: 'USER', displayName: 'Olga Admin' },
      subject: { type: 'Quota', version: 1 },
      payload: { projectId, gpuModelId: H100, nominal: 3 },
      requestId: ID,
      correlationId: ID,
      causationId: null,
    });
    const of = async (filter: object) => nodes(await trail({ filter: { projectId, ...filter } }));
    const ids = (events: AuditEvent[]) => events.map(({ id }) => id);
    expect(ids(await of({ subjectId: quotaSet?.subject.id }))).toEqual([quotaSet?.id]);
    expect((await of({ actorId: adminId })).map(({ type }) => type).sort()).toEqual([
      'ProjectCreated',
      'QueueCreated',
      'QuotaSet',
      'RoleBound',
    ]);
    expect(ids(await of({ subgraph: 'models' }))).toEqual([]);
    expect(ids(await of({ from: quotaSet?.at }))).toEqual(
      ids(ofProject.filter(({ at }) => at >= (quotaSet?.at ?? ''))),
    );
    expect(ids(await of({ to: quotaSet?.at }))).toEqual(
      ids(ofProject.filter(({ at }) => at < (quotaSet?.at ?? ''))),
    );

    const paged: AuditEvent[] = [];
    const [newest] = nodes(await trail({ first: 1 }));
    const filter = { to: newest?.at };
    for (let after: string | null = null; ;) {
      const page: Trail['auditEvents'] = await trail({ first: 7, after, filter });
      paged.push(...nodes(page));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const sequences = paged.map(({ sequence }) => Number(sequence));
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(sequences.at(-1)).toBe(1);
    expect(ids(paged.slice(0, 100))).toEqual(ids(nodes(await trail({ filter }))));
  });
}
