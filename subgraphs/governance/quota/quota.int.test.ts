import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { bound, callAs, createProject, dataOf, refusalOf, startGovernance } from '../governance.fixture.js';

const SET = `mutation ($input: SetQuotaInput!) {
  setQuota(input: $input) { eventId version quota { id nominal version gpuModel { id } project { key } } }
}`;
const H100 = 'h100-sxm5-80gb';
const input = (more: object) => ({
  input: { gpuModelId: H100, nominal: 8, idempotencyKey: randomUUID(), ...more },
});
type SetQuota = { setQuota: { version: number; quota: { id: string; nominal: number } } };

test('setting a quota again changes the same one, and the project shows it', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const first = dataOf<SetQuota>(await admin(SET, input({ projectId }))).setQuota;
  expect(first).toMatchObject({
    version: 1,
    quota: { nominal: 8, gpuModel: { id: H100 }, project: { key: 'vision' } },
  });
  const second = dataOf<SetQuota>(
    await admin(SET, input({ projectId, nominal: 16, expectedVersion: 1 })),
  ).setQuota;
  expect(second).toMatchObject({ version: 2, quota: { id: first.quota.id, nominal: 16 } });
  await admin(SET, input({ projectId, gpuModelId: 'a100-sxm4-80gb', nominal: 0 }));
  const shown = dataOf(
    await admin(`query ($id: ID!) { project(id: $id) { quotas { nominal gpuModel { id } } } }`, {
      id: projectId,
    }),
  );
  expect(shown).toEqual({
    project: {
      quotas: [
        { nominal: 0, gpuModel: { id: 'a100-sxm4-80gb' } },
        { nominal: 16, gpuModel: { id: H100 } },
      ],
    },
  });
});

test('ten who set one quota at once leave ten changes of one quota', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, nominal) => admin(SET, input({ projectId, nominal }))),
  );
  const versions = answers.map((answer) => dataOf<SetQuota>(answer).setQuota.version);
  expect(versions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await started.database.prisma.quota.count()).toBe(1);
});

test('bad numbers, unknown models and stale versions are refused, and nothing is stored', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const refused = async (more: object) => refusalOf(await admin(SET, input({ projectId, ...more })));
  const faultAt = (field: string) => ({
    code: 'BAD_USER_INPUT',
    details: { faults: [{ path: ['input', field] }] },
  });
  for (const nominal of [-1, 100_001]) expect(await refused({ nominal })).toMatchObject(faultAt('nominal'));
  expect(await refused({ gpuModelId: 'rtx-9090' })).toMatchObject(faultAt('gpuModelId'));
  expect((await refused({ nominal: 1.5 }))?.code).toBe('BAD_USER_INPUT');
  expect((await refused({ gpus: 3 }))?.code).toBe('BAD_USER_INPUT');
  expect(await started.database.prisma.quota.count()).toBe(0);
  dataOf(await admin(SET, input({ projectId })));
  dataOf(await admin(SET, input({ projectId })));
  expect(await refused({ expectedVersion: 1 })).toMatchObject({ code: 'CONFLICT', details: { version: 2 } });
});

test('a dry run shows the quota that would be, and leaves the one that is', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const { id } = dataOf<SetQuota>(await admin(SET, input({ projectId }))).setQuota.quota;
  const dry = dataOf<SetQuota>(await admin(SET, input({ projectId, nominal: 99, dryRun: true }))).setQuota;
  expect(dry).toMatchObject({ eventId: null, version: null, quota: { id, nominal: 99 } });
  expect(dataOf(await admin(`query ($id: ID!) { quota(id: $id) { nominal } }`, { id }))).toEqual({
    quota: { nominal: 8 },
  });
});

test('an administrator of the project may not set its quota, and strangers do not see it', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const rita = callAs(started, 'rita');
  expect(refusalOf(await rita(SET, input({ projectId })))?.code).toBe('NOT_FOUND');
  await bound(admin, { userId: started.userIds['rita'], role: 'ProjectAdmin', projectId });
  expect(refusalOf(await rita(SET, input({ projectId })))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'quota:set' },
  });
  const speech = await createProject(admin, 'speech');
  const { id } = dataOf<SetQuota>(await admin(SET, input({ projectId: speech }))).setQuota.quota;
  const hidden = await rita(
    `query ($id: ID!, $representations: [_Any!]!) { quota(id: $id) { nominal } _entities(representations: $representations) { ... on Quota { nominal } } }`,
    { id, representations: [{ __typename: 'Quota', id }] },
  );
  expect(dataOf(hidden)).toEqual({ quota: null, _entities: [null] });
});

test('a repeat gets its first answer even when the caller may no longer do it', async () => {
  await using started = await startGovernance();
  const admin = callAs(started, 'org-admin');
  const projectId = await createProject(admin, 'vision');
  const role = { userId: started.userIds['rita'], role: 'OrgAdmin', projectId };
  const id = await bound(admin, role);
  const rita = callAs(started, 'rita');
  const same = input({ projectId });
  const first = await rita(SET, same);
  const revocation = { input: { id, idempotencyKey: randomUUID() } };
  dataOf(
    await admin(`mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { version } }`, revocation),
  );
  expect(refusalOf(await rita(SET, input({ projectId })))?.code).toBe('NOT_FOUND');
  const { version, eventId } = dataOf<{ setQuota: { version: number; eventId: string } }>(first).setQuota;
  expect(dataOf(await rita(SET, same))).toMatchObject({
    setQuota: { version, eventId, quota: { nominal: 8 } },
  });
});
