import type { Database } from '../../../platform/database/database.js';

export type QuotaLimit = { quotaId: string; projectId: string; gpuModelId: string; nominal: number };

export const readQuotaLimits = (
  { quotaLimit }: Pick<Database['prisma'], 'quotaLimit'>,
  quotaIds: readonly string[],
): Promise<QuotaLimit[]> => quotaLimit.findMany({ where: { quotaId: { in: [...quotaIds] } } });
