import { findGpuModel } from '../../../contracts/gpuCatalogue.js';
import type { Permission } from '../../../contracts/permissions.js';
import { badUserInput, forbidden } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { requireProject } from '../project/requireProject.js';
import { decideSetQuota, quotaId } from './quota.js';
import type { SetQuotaInput, SetQuotaPayload } from './quota.inputs.js';
import { quotaAggregate } from './quota.projection.js';
import { toQuota } from './quota.type.js';

const RIGHT: Permission = 'quota:set';

export async function setQuota(input: SetQuotaInput, context: Context): Promise<SetQuotaPayload> {
  const { projectId, gpuModelId, nominal, expectedVersion = null } = input;
  const { principal } = context;
  if (!findGpuModel(gpuModelId))
    throw badUserInput([
      { path: ['input', 'gpuModelId'], message: 'is no GPU model; `gpuCatalogue` lists them' },
    ]);
  const events = decideSetQuota({ projectId, gpuModelId, nominal });

  const request = commandRequest(context, 'setQuota', input);
  const answer = await context.commands.execute(request, async (unit) => {
    await requireProject(unit, projectId, principal);
    if (!may(principal, RIGHT, projectId)) throw forbidden(RIGHT);
    const quota = await unit.load(quotaAggregate, quotaId(projectId, gpuModelId), expectedVersion);
    return unit.save(quotaAggregate, quota, events, projectId);
  });
  const { eventId, version, result } = noteWritten(context, answer);
  return { eventId, version, quota: toQuota(result) };
}
