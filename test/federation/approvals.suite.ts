import { beforeAll, expect, test } from 'vitest';
import { type Edges, ID, mutate, nodes, whoIs } from '../testkit/answers.js';
import { type Client, dataOf, newKey, refusalOf } from '../testkit/fleet.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

type Approval = { id: string; status: string };
type Listed = Approval & { reason: string; planHash: string; requestedBy: { displayName: string } };
type Requested = {
  requestInstance: { instance: { id: string; state: string }; approval: Approval | null };
};
type Ended = { instance: { state: string; endReason: string | null } };
type Streamed = { auditStream: { cursor: string; event: { type: string; actor: { displayName: string } } } };

/** What needs an approval: who decides it, what that leads to, and what ends it. */
export function approvalsSuite({ fleet }: Setting): void {
  let tenant: Tenant;
  let projectAdmin: Client;
  let planHash: string;

  beforeAll(async () => {
    tenant = await createTenant(fleet(), { quotas: { [H100]: 8 }, monthlyBudget: '1000' });
    const client = await fleet().as('vision-admin');
    const { id: userId } = await whoIs(client);
    const { projectId } = tenant;
    const binding = { subject: { userId }, role: 'ProjectAdmin', projectId };
    await mutate(tenant.administrator, 'BindRole', binding);
    projectAdmin = client.follow(tenant.administrator);
  });

  async function ask(client: Client = tenant.researcher): Promise<{ id: string; approvalId: string }> {
    const request = tenant.request(H100, 8, { name: 'large' });
    const { requestInstance } = await mutate<Requested>(client, 'RequestInstance', {
      request,
      reason: 'The paper is due on Friday.',
    });
    const { instance, approval } = requestInstance;
    expect(requestInstance).toMatchObject({
      instance: { state: 'AWAITING_APPROVAL' },
      approval: { id: ID, status: 'PENDING' },
    });
    projectAdmin.follow(client);
    return { id: instance.id, approvalId: approval?.id ?? '' };
  }

  const decide = (client: Client, id: string, decision: 'APPROVE' | 'REJECT') =>
    client.run<{ decideApproval: { eventId: string; approval: Approval } }>('DecideApproval', {
      input: { id, decision, idempotencyKey: newKey() },
    });

  const statusOf = async (id: string) =>
    dataOf(
      await projectAdmin.send<{ approval: Approval }>('query ($id: ID!) { approval(id: $id) { status } }', {
        id,
      }),
    ).approval.status;

  const approvalReaches = (id: string, status: string) =>
    until(`${id} is ${status}`, async () => (await statusOf(id)) === status);

  const endOf = async (id: string) =>
    dataOf(
      await tenant.researcher.send<Ended>('query ($id: ID!) { instance(id: $id) { state endReason } }', {
        id,
      }),
    ).instance;

  test('a plan over the policy names the rule, and the approval that is in the way', async () => {
    const { planInstance } = dataOf(
      await tenant.researcher.run<{ planInstance: { planHash: string } }>('PlanInstance', {
        input: tenant.request(H100, 8, { name: 'large' }),
      }),
    );
    expect(planInstance).toMatchObject({
      feasible: true,
      approvalsNeeded: [{ rule: 'gpus-above-4', reason: ID }],
      blockers: [{ code: 'APPROVAL', need: '1', free: '0', unit: 'APPROVAL', action: ID }],
    });
    ({ planHash } = planInstance);
  });

  test('a large request waits until somebody else agrees, runs, and its approval is used up', async () => {
    const auditor = await fleet().as('auditor');
    const { projectId } = tenant;
    const streamed: Streamed['auditStream'][] = [];
    const stream = auditor.subscribe<Streamed>('AuditStream', { filter: { projectId } });
    const streaming = collect(stream, streamed, 'ApprovalExecuted');
    await until('the trail is streamed', async () => {
      const quota = { projectId, gpuModelId: H100, nominal: 8 };
      if (streamed.length === 0) await mutate(tenant.administrator, 'SetQuota', quota);
      return streamed.length > 0;
    });
    const { id, approvalId } = await ask();

    const pending = dataOf(
      await projectAdmin.run<{ approvals: Edges<Listed> }>('Approvals', { first: 100, after: null }),
    ).approvals;
    expect(nodes(pending).find((approval) => approval.id === approvalId)).toEqual({
      id: approvalId,
      status: 'PENDING',
      reason: 'The paper is due on Friday.',
      planHash,
      requestedBy: { id: ID, displayName: 'Rita Vision' },
    });
    expect(refusalOf(await decide(tenant.researcher, approvalId, 'APPROVE'))?.code).toBe('FORBIDDEN');

    expect(dataOf(await decide(projectAdmin, approvalId, 'APPROVE'))).toEqual({
      decideApproval: { eventId: ID, approval: { id: approvalId, status: 'APPROVED' } },
    });
    await tenant.reaches(id, 'RUNNING');
    await approvalReaches(approvalId, 'EXECUTED');
    expect(refusalOf(await decide(projectAdmin, approvalId, 'APPROVE'))).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      details: { id: approvalId, state: 'EXECUTED', allowed: [] },
    });
    await streaming;
    const types = streamed.map(({ event }) => event.type);
    expect(types.filter((type) => type.startsWith('Approval'))).toEqual([
      'ApprovalRequested',
      'ApprovalDecided',
      'ApprovalApproved',
      'ApprovalExecuted',
    ]);
    await tenant.end(id);
  });

  test('nobody decides their own request, not even who administers everything', async () => {
    const { administrator } = tenant;
    const { id, approvalId } = await ask(administrator);
    for (const decision of ['APPROVE', 'REJECT'] as const)
      expect(refusalOf(await decide(administrator, approvalId, decision))).toMatchObject({
        code: 'FORBIDDEN',
        details: { id: approvalId },
      });
    await mutate(administrator, 'TerminateInstance', { id });
    await approvalReaches(approvalId, 'WITHDRAWN');
    expect(await endOf(id)).toEqual({ state: 'TERMINATED', endReason: 'TERMINATED_BY_REQUEST' });
    expect(refusalOf(await decide(projectAdmin, approvalId, 'APPROVE'))?.code).toBe('ILLEGAL_TRANSITION');
  });

  test('a rejected request has failed, for good', async () => {
    const { id, approvalId } = await ask();
    expect(dataOf(await decide(projectAdmin, approvalId, 'REJECT')).decideApproval.approval.status).toBe(
      'REJECTED',
    );
    await tenant.reaches(id, 'FAILED');
    expect((await endOf(id)).endReason).toBe('APPROVAL_REJECTED');
    expect(refusalOf(await decide(projectAdmin, approvalId, 'APPROVE'))).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      details: { state: 'REJECTED' },
    });
  });

  test('an approval counts for the plan that was asked for: a limit that changed supersedes it', async () => {
    const { id, approvalId } = await ask();
    const { projectId, administrator } = tenant;
    await mutate(administrator, 'SetQuota', { projectId, gpuModelId: H100, nominal: 16 });
    const planned = async () =>
      dataOf(
        await tenant.researcher
          .follow(administrator)
          .run<{ planInstance: { planHash: string } }>('PlanInstance', {
            input: tenant.request(H100, 8, { name: 'large' }),
          }),
      ).planInstance.planHash;
    await until('the plan is another', async () => (await planned()) !== planHash);
    dataOf(await decide(projectAdmin, approvalId, 'APPROVE'));
    await tenant.reaches(id, 'FAILED');
    expect((await endOf(id)).endReason).toBe('APPROVAL_SUPERSEDED');
    await approvalReaches(approvalId, 'SUPERSEDED');
  });

  test('a large job waits for the same yes, and then for its turn', async () => {
    const { projectId, researcher } = tenant;
    const request = {
      projectId,
      name: 'large',
      image: 'busybox',
      command: ['true'],
      gpu: { modelIn: [H100], count: 5 },
      maxRuntime: 'PT10M',
      annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: '1s' }],
    };
    type Submitted = { submitJob: { job: { id: string; phase: string }; approval: Approval | null } };
    const { submitJob } = await mutate<Submitted>(researcher, 'SubmitJob', { request });
    expect(submitJob).toMatchObject({
      job: { phase: 'AWAITING_APPROVAL' },
      approval: { id: ID, status: 'PENDING' },
    });
    const approvalId = submitJob.approval?.id ?? '';
    projectAdmin.follow(researcher);
    dataOf(await decide(projectAdmin, approvalId, 'APPROVE'));
    const phaseOf = async () =>
      dataOf(
        await researcher.send<{ job: { phase: string; approval: Approval } }>(
          'query ($id: ID!) { job(id: $id) { phase approval { id status } } }',
          { id: submitJob.job.id },
        ),
      ).job;
    await until('it is done', async () => (await phaseOf()).phase === 'SUCCEEDED');
    await approvalReaches(approvalId, 'EXECUTED');
    expect((await phaseOf()).approval).toEqual({ id: approvalId, status: 'EXECUTED' });
  });

  test('who cannot see the project does not see what waits in it', async () => {
    const { id, approvalId } = await ask();
    const stranger = (await fleet().as('speech-researcher')).follow(tenant.researcher);
    const seen = await stranger.send('query ($id: ID!) { approval(id: $id) { id } }', { id: approvalId });
    expect(dataOf(seen)).toEqual({ approval: null });
    expect(refusalOf(await decide(stranger, approvalId, 'APPROVE'))?.code).toBe('NOT_FOUND');
    await mutate(tenant.researcher, 'TerminateInstance', { id });
  });
}

/** Takes what is streamed until an event of the type has come. */
async function collect(
  stream: AsyncIterable<Parameters<typeof dataOf<Streamed>>[0]>,
  into: Streamed['auditStream'][],
  last: string,
): Promise<void> {
  for await (const answer of stream) {
    const { auditStream } = dataOf(answer);
    into.push(auditStream);
    if (auditStream.event.type === last) return;
  }
}
