import { findGpuModel } from '../../../contracts/gpuCatalogue.js';
import type { Permission } from '../../../contracts/permissions.js';
import { badUserInput, forbidden, notFound } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { visibleProject } from '../project/visibleProject.js';
import { decideSetQuota, quotaId } from './quota.js';
import type { SetQuotaInput, SetQuotaPayload } from './quota.inputs.js';
import { quotaAggregate } from './quota.projection.js';
import { toQuota } from './quota.type.js';

const RIGHT: Permission = 'quota:set';

export async function setQuota(input: SetQuotaInput, context: Context): Promise<SetQuotaPayload> {
  const { projectId, gpuModelId, nominal, expectedVersion = null } = input;
  if (!findGpuModel(gpuModelId))
    throw badUserInput([
      { path: ['input', 'gpuModelId'], message: 'is no GPU model; `gpuCatalogue` lists them' },
    ]);
  if (!(await visibleProject(projectId, context))) throw notFound('Project', projectId);
  if (!may(context.principal, RIGHT, projectId)) throw forbidden(RIGHT);

  const answer = await context.commands.execute(commandRequest(context, 'setQuota', input), async (unit) => {
    const quota = await unit.load(quotaAggregate, quotaId(projectId, gpuModelId), expectedVersion);
    return unit.save(quotaAggregate, quota, decideSetQuota({ projectId, gpuModelId, nominal }), projectId);
  });
  noteWritten(context, answer);
  return { eventId: answer.eventId, version: answer.version, quota: toQuota(answer.result) };
}
