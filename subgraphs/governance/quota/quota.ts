import type { QuotaEvent } from '../../../contracts/governance.events.js';
import { badUserInput } from '../../../platform/errors.js';

export type QuotaState = { projectId: string; gpuModelId: string; nominal: number };

export const NOMINAL_MAX = 100_000;

/** One stream per project and model, found without a look-up: two who set the same quota meet in it. */
export const quotaId = (projectId: string, gpuModelId: string): string =>
  `quota_${projectId.replace(/^project_/, '')}_${gpuModelId}`;

/** Setting the number that it has is recorded as well: somebody confirmed it. */
export function decideSetQuota(quota: QuotaState): QuotaEvent[] {
  const { projectId, gpuModelId, nominal } = quota;
  if (!Number.isInteger(nominal) || nominal < 0 || nominal > NOMINAL_MAX)
    throw badUserInput([{ path: ['input', 'nominal'], message: `must be between 0 and ${NOMINAL_MAX}` }]);
  return [{ type: 'QuotaSet', data: { id: quotaId(projectId, gpuModelId), projectId, gpuModelId, nominal } }];
}

export const evolveQuota = (_state: QuotaState | null, { data }: QuotaEvent): QuotaState => ({
  projectId: data.projectId,
  gpuModelId: data.gpuModelId,
  nominal: data.nominal,
});
