import type { Done } from './begun.js';
import type { Feed } from './feed.js';
import type { Worked } from './jobs.chapter.js';
import { type Money, shown } from './money.js';
import type { Project } from './project.chapter.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame, expectThat } from './surprise.js';

/** All of the traffic, in basis points. */
const ALL_BP = 10_000;

/** From what the job trained to a model that serves, and to the end of its deployment. What serving it cost. */
export async function serveModel(stage: Stage, project: Project, worked: Worked): Promise<Money> {
  const { cast, screen } = stage;
  const { researcher } = cast;
  const { model } = await researcher.command<{ model: { id: string; name: string } }>('RegisterModel', {
    projectId: project.id,
    name: 'segmenter',
    task: 'image-segmentation',
  });
  screen.tell(researcher.username, `registers the model ${model.name}`);
  const versionId = await createVersion(stage, model.id, worked);
  await setAliases(stage, model.id, versionId);

  const deployment = await deploy(stage, project, versionId);
  await lookAtModel(stage, model.id, versionId, deployment.id);
  return deleteDeployment(stage, model.id, deployment);
}

type Version = {
  modelVersion: {
    id: string;
    number: number;
    status: string;
    digest: string;
    producedBy: { id: string; name: string; cost: { accrued: Money } };
  };
};

async function createVersion({ cast, screen }: Stage, modelId: string, worked: Worked): Promise<string> {
  const { researcher } = cast;
  const { modelVersion } = await researcher.command<Version>('CreateModelVersion', {
    modelId,
    uri: 's3://models/segmenter/1',
    digest: worked.digest,
    sizeBytes: '14500000000',
    parameters: '7250000000',
    precision: 'BF16',
    producedByJobId: worked.trainingJobId,
  });
  expectSame('the number of the first version', 1, modelVersion.number);
  expectSame('the digest of the version', worked.digest, modelVersion.digest);
  expectSame('the job that produced it', worked.trainingJobId, modelVersion.producedBy.id);
  const { name, cost } = modelVersion.producedBy;
  screen.tell(
    researcher.username,
    `records version 1, produced by the job ${name} for ${shown(cost.accrued)}`,
  );
  screen.note(worked.digest);
  return modelVersion.id;
}

type AliasSet = { alias: { name: string; version: { id: string } } };

async function setAliases({ cast, screen }: Stage, modelId: string, versionId: string): Promise<void> {
  const { researcher, modelApprover } = cast;
  const champion = await researcher.command<AliasSet>('SetAlias', { modelId, name: 'champion', versionId });
  expectSame('the version behind champion', versionId, champion.alias.version.id);
  screen.tell(researcher.username, 'calls it champion');
  const production = { modelId, name: 'production', versionId };
  const message = await researcher.refusal('FORBIDDEN', 'SetAlias', production);
  screen.tell(researcher.username, `may not call it production: ${message} (FORBIDDEN)`);
  const { alias } = await modelApprover.command<AliasSet>('SetAlias', production);
  expectSame('the version behind production', versionId, alias.version.id);
  screen.tell(modelApprover.username, 'calls it production');
}

type Deployment = { id: string; status: Feed<StatusItem> };
type StatusItem = {
  type: string;
  deployment: {
    id: string;
    status: string;
    replicas: { desired: number; ready: number };
    traffic: { version: { number: number }; weightBp: number }[];
  };
};

type Created = {
  deployment: { id: string; status: string; traffic: { weightBp: number }[] };
  approval: { id: string } | null;
};

async function deploy(stage: Stage, project: Project, modelVersionId: string): Promise<Deployment> {
  const { researcher } = stage.cast;
  const { deployment, approval } = await researcher.command<Created>('CreateDeployment', {
    projectId: project.id,
    modelVersionId,
    name: 'segmenter',
    image: 'vllm/vllm-openai',
    gpu: { modelIn: [project.gpuModel.id], count: 1 },
    replicas: { min: 1, max: 1 },
  });
  expectSame('the approval that a small deployment needs', null, approval?.id ?? null);
  expectSame('its traffic', ALL_BP, traffic(deployment));
  stage.screen.tell(researcher.username, `deploys it on one GPU: ${deployment.status}`);
  const seen = ({ type, deployment: { status: at, replicas } }: StatusItem) =>
    stage.screen.note(`DeploymentStatus  ${type}: ${at}, ${replicas.ready} of ${replicas.desired} ready`);
  const status = researcher.watch<StatusItem>('DeploymentStatus', { id: deployment.id }, seen);
  stage.begun.add('the deployment', (signal) => endDeployment({ ...stage, signal }, status, deployment.id));
  stage.screen.awaits('the model serves');
  const serving = await status.until('the model serves', (item) =>
    ['AVAILABLE', 'FAILED'].includes(item.deployment.status),
  );
  expectSame('the state of the deployment', 'AVAILABLE', serving.deployment.status);
  expectSame('its traffic', ALL_BP, traffic(serving.deployment));
  return { id: deployment.id, status };
}

const traffic = (deployment: { traffic: { weightBp: number }[] }) =>
  deployment.traffic.reduce((sum, { weightBp }) => sum + weightBp, 0);

type Page = {
  aliases: { name: string; version: { id: string } }[];
  versions: {
    edges: {
      node: {
        id: string;
        sizeBytes: string;
        producedBy: { id: string } | null;
        deployments: { id: string; status: string; cost: { accrued: Money } }[];
      };
    }[];
  };
};

const readModel = ({ cast }: Stage, id: string) => cast.researcher.read<Page>('ModelPage', { id });

async function lookAtModel(stage: Stage, id: string, versionId: string, deploymentId: string): Promise<void> {
  const page = await readModel(stage, id);
  const names = page.aliases
    .filter(({ version }) => version.id === versionId)
    .map(({ name }) => name)
    .sort();
  expectSame('the aliases of the version', 'champion, production', names.join(', '));
  const [version] = page.versions.edges.map(({ node }) => node);
  expectThat('its deployment is listed', version?.deployments[0]?.id === deploymentId, version);
  stage.screen.tell(stage.cast.researcher.username, `sees it served: ${names.join(' and ')}, 1 deployment`);
}

/** Ends the deployment. What it cost, once that is final: the same in two answers after its end. */
async function deleteDeployment(stage: Stage, modelId: string, { id, status }: Deployment): Promise<Money> {
  const { researcher } = stage.cast;
  await researcher.command('DeleteDeployment', { id });
  stage.screen.tell(researcher.username, 'deletes the deployment');
  await status.until('the deployment is deleted', ({ deployment }) => deployment.status === 'DELETED');
  const costNow = async () => {
    const page = await readModel(stage, modelId);
    const all = page.versions.edges.flatMap(({ node }) => node.deployments);
    return all.find((deployment) => deployment.id === id)?.cost.accrued ?? null;
  };
  let before: string | undefined;
  const cost = await waitUntil(stage, 'the bill of the deployment is final', costNow, (now) => {
    const isFinal = now !== null && Number(now.amount) > 0 && now.amount === before;
    before = now?.amount;
    return isFinal;
  });
  expectThat('the deployment has cost something', cost !== null, cost);
  stage.screen.tell(researcher.username, `has paid ${shown(cost)} for it`);
  return cost;
}

async function endDeployment(
  { cast, signal, screen }: Stage,
  status: Feed<StatusItem>,
  id: string,
): Promise<Done | null> {
  const { researcher } = cast;
  const last = status.items.at(-1)?.deployment.status;
  if (last === 'DELETED' || last === 'FAILED') return null;
  await using feed = researcher.watch<StatusItem>('DeploymentStatus', { id });
  await researcher.command('DeleteDeployment', { id });
  await waitUntil(
    { screen, signal },
    'the deployment is deleted',
    () => Promise.resolve(feed.items.at(-1)?.deployment.status),
    (now) => now === 'DELETED' || now === 'FAILED',
  );
  return { username: researcher.username, text: 'deletes the deployment' };
}
