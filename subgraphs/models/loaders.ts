import DataLoader from 'dataloader';
import type { PrismaClient } from '../../platform/database/generated/client.js';
import { type AliasChangeRow, type AliasKey, readAliasChanges } from './alias/alias.repository.js';
import type { DeploymentEntity } from './deployment/deployment.js';
import { readDeployments, readDeploymentsOfVersions } from './deployment/deployment.repository.js';
import { type EvaluationRow, readEvaluationsOfVersions } from './evaluation/evaluation.repository.js';
import {
  countVersions,
  type ModelVersionEntity,
  readVersionPages,
  readVersions,
  readVersionsOfJobs,
  type VersionPage,
} from './modelVersion/modelVersion.repository.js';
import { readModels, type RegisteredModelEntity } from './registeredModel/registeredModel.repository.js';

export type Reader = Pick<
  PrismaClient,
  | 'aliasChange'
  | 'deployment'
  | 'evaluation'
  | 'modelVersion'
  | 'modelsJob'
  | 'modelsProject'
  | 'registeredModel'
  | '$queryRaw'
>;
export type Loaders = ReturnType<typeof createLoaders>;

/** One set per request, or per event of a feed: they remember, and what a caller may see must not outlive the caller. */
export const createLoaders = (reader: Reader) => ({
  model: oneById<RegisteredModelEntity>((ids) => readModels(reader, ids)),
  modelVersion: oneById<ModelVersionEntity>((ids) => readVersions(reader, ids)),
  deployment: oneById<DeploymentEntity>((ids) => readDeployments(reader, ids)),

  versionPage: new DataLoader<VersionPage, ModelVersionEntity[], string>(
    (pages) => readVersionPages(reader, pages),
    { cacheKeyFn: ({ modelId, take, before }) => `${modelId} ${take} ${before}` },
  ),
  versionCount: new DataLoader<string, number>(async (modelIds) => {
    const counts = await countVersions(reader, modelIds);
    return modelIds.map((id) => counts.get(id) ?? 0);
  }),
  versionsOfJob: manyByKey<string, ModelVersionEntity>(
    (jobIds) => readVersionsOfJobs(reader, jobIds),
    ({ state }) => state.producedByJobId ?? '',
  ),
  evaluationsOfVersion: manyByKey<string, EvaluationRow>(
    (ids) => readEvaluationsOfVersions(reader, ids),
    ({ modelVersionId }) => modelVersionId,
  ),
  aliasChanges: manyByKey<AliasKey, AliasChangeRow>((keys) => readAliasChanges(reader, keys), textOf, textOf),

  deploymentsOfVersion: new DataLoader<string, DeploymentEntity[]>((versionIds) =>
    readDeploymentsOfVersions(reader, versionIds),
  ),
  /** The key of a project, which names its namespace. */
  projectKey: new DataLoader<string, string | null>(async (ids) => {
    const rows = await reader.modelsProject.findMany({ where: { id: { in: [...ids] } } });
    const keyById = new Map(rows.map(({ id, key }) => [id, key]));
    return ids.map((id) => keyById.get(id) ?? null);
  }),
});

const textOf = ({ modelId, name }: AliasKey): string => `${modelId} ${name}`;

const oneById = <Row extends { id: string }>(read: (ids: readonly string[]) => Promise<Row[]>) =>
  new DataLoader<string, Row | null>(async (ids) => {
    const byId = new Map((await read(ids)).map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  });

/** Those of each key, in the order in which they were read. */
function manyByKey<Key, Row>(
  read: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOfRow: (row: Row) => string,
  keyText: (key: Key) => string = String,
) {
  return new DataLoader<Key, Row[], string>(
    async (keys) => {
      const byKey = new Map<string, Row[]>(keys.map((key) => [keyText(key), []]));
      for (const row of await read(keys)) byKey.get(keyOfRow(row))?.push(row);
      return keys.map((key) => byKey.get(keyText(key)) ?? []);
    },
    { cacheKeyFn: keyText },
  );
}
