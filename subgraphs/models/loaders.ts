import DataLoader from 'dataloader';
import type { PrismaClient } from '../../platform/database/generated/client.js';
import { readModels, type RegisteredModelEntity } from './registeredModel/registeredModel.repository.js';

export type Reader = Pick<PrismaClient, 'registeredModel' | 'modelsProject'>;
export type Loaders = ReturnType<typeof createLoaders>;

/** One set per request: they remember, and what a caller may see must not outlive the caller. */
export const createLoaders = (reader: Reader) => ({
  model: new DataLoader<string, RegisteredModelEntity | null>(async (ids) => {
    const byId = new Map((await readModels(reader, ids)).map((model) => [model.id, model]));
    return ids.map((id) => byId.get(id) ?? null);
  }),
});
