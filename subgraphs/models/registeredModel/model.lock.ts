import type { Transaction } from '../../../platform/database/database.js';

/**
 * Until the transaction ends, nobody else who asks here goes on with the same model. What a model's aliases, versions and
 * deployments must agree on (the next number, whether a version is used) is decided behind it. Nothing for no such model.
 */
export async function lockModel(tx: Transaction, modelId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM models.registered_model WHERE id = ${modelId} FOR UPDATE`;
}
