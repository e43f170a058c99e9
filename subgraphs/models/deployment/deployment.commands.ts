import { ulid } from 'ulid';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import type { DeploymentPlan, ResourcesCalls } from '../../../contracts/calls.js';
import type { Traffic } from '../../../contracts/models.events.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import type { DeploymentSpec } from '../../../contracts/resources.events.js';
import type { CommandAnswer, CommandRequest, Commands } from '../../../platform/command/commands.js';
import { createSingleFlight } from '../../../platform/command/singleFlight.js';
import type { Unit } from '../../../platform/command/unit.js';
import { badUserInput, notFound } from '../../../platform/errors.js';
import { unborn } from '../../../platform/eventStore/aggregate.js';
import { checkMayServe, checkReady, type ModelVersionState } from '../modelVersion/modelVersion.js';
import { modelVersionAggregate } from '../modelVersion/modelVersion.projection.js';
import type { ModelVersionEntity } from '../modelVersion/modelVersion.repository.js';
import { lockModel } from '../registeredModel/model.lock.js';
import { decideDelete, decideRequest } from './deployment.decide.js';
import { type DeploymentEntity, requestOf } from './deployment.js';
import { deploymentAggregate } from './deployment.projection.js';
import { decideRestoreTraffic, decideSetTraffic } from './traffic.js';
import { saveDeployment } from './watchdog.js';

type Answer = Promise<CommandAnswer<DeploymentEntity>>;

/** What is asked for, by somebody who may. */
export type Wanted = {
  version: ModelVersionEntity;
  name: string;
  spec: Omit<DeploymentSpec, 'model'>;
  planHash: string | null;
};

/** A command on a deployment that is there, by somebody who may command it. */
export type Target = { id: string; expectedVersion?: number | null };

export type DeploymentCommands = ReturnType<typeof createDeploymentCommands>;

/** What people do with deployments. Every refusal is a PublicError, and leaves nothing behind. */
export function createDeploymentCommands(deps: { commands: Commands; resources: ResourcesCalls }) {
  const { commands, resources } = deps;
  const fly = createSingleFlight();

  const change = (
    command: CommandRequest,
    { id, expectedVersion }: Target,
    decide: (deployment: DeploymentEntity, unit: Unit) => Promise<Parameters<typeof saveDeployment>[2]>,
  ): Answer =>
    commands.execute(command, async (unit) => {
      const { state, ...deployment } = await unit.load(deploymentAggregate, id, expectedVersion);
      if (!state) throw notFound('Deployment', id);
      const events = await decide({ ...deployment, state }, unit);
      return saveDeployment(unit, { ...deployment, state }, events, state.projectId);
    });

  return {
    /** A repeat gets its first answer before anything is planned. */
    create: (command: CommandRequest, { version, name, spec: asked, planHash }: Wanted): Answer =>
      fly(command, async () => {
        const first = await commands.recall<DeploymentEntity>(command);
        if (first) return first;
        const { projectId, modelId, uri, digest } = version.state;
        checkReady(version);
        const spec: DeploymentSpec = { ...asked, model: { uri, digest } };
        const wanted = { projectId, name, modelVersionId: version.id, spec };
        const { gpu, replicas } = spec;
        const request = requestOf(wanted);
        const plan = await resources.planDeployment({ projectId, gpu, replicas, request, planHash });
        return commands.execute(command, async (unit) => {
          await lockModel(unit.tx, modelId);
          checkReady(await loadVersion(unit, version.id));
          const id = `deployment_${ulid()}`;
          const ask = askFor({ id, name }, plan, unit.now);
          const events = decideRequest({ ...wanted, id, modelId, planHash: plan.planHash }, ask, unit.now);
          return saveDeployment(unit, unborn(id), events, projectId);
        });
      }),

    delete: (command: CommandRequest, target: Target): Answer =>
      change(command, target, async (deployment, unit) => decideDelete(deployment, unit.now)),

    setTraffic: (command: CommandRequest, target: Target, traffic: Traffic): Answer =>
      change(command, target, async (deployment, unit) => {
        const events = decideSetTraffic(deployment, traffic);
        await checkVersions(unit, deployment, traffic);
        return events;
      }),

    restoreTraffic: (command: CommandRequest, target: Target): Answer =>
      change(command, target, async (deployment, unit) => {
        const events = decideRestoreTraffic(deployment);
        await checkVersions(unit, deployment, deployment.state.previousTraffic ?? []);
        return events;
      }),
  };
}

/** The question to whoever may approve; null if no rule asks for one. */
function askFor(target: { id: string; name: string }, plan: DeploymentPlan, now: Date): ApprovalAsk | null {
  if (plan.rules.length === 0) return null;
  const { planHash, policyVersion, rules, estimate, quota } = plan;
  return {
    approvalId: `approval_${ulid()}`,
    action: 'CREATE_DEPLOYMENT',
    target: { type: 'Deployment', ...target },
    reason: null,
    planHash,
    policyVersion,
    rules,
    estimate,
    quota,
    expiresAt: new Date(now.getTime() + APPROVAL_POLICY.ttlSeconds * 1_000).toISOString(),
  };
}

/** Requests go to versions of the one model, and to none that is quarantined or archived. */
async function checkVersions(unit: Unit, { state }: DeploymentEntity, traffic: Traffic): Promise<void> {
  await lockModel(unit.tx, state.modelId);
  for (const [index, { modelVersionId }] of traffic.entries()) {
    const version = await findVersion(unit, modelVersionId);
    if (version?.state.modelId !== state.modelId)
      throw badUserInput([
        {
          path: ['input', 'weights', index, 'modelVersionId'],
          message: `is no version of model ${state.modelId}`,
        },
      ]);
    checkMayServe(version);
  }
}

type Version = { id: string; state: ModelVersionState };

async function findVersion(unit: Unit, id: string): Promise<Version | null> {
  const { state } = await unit.load(modelVersionAggregate, id);
  return state && { id, state };
}

async function loadVersion(unit: Unit, id: string): Promise<Version> {
  const version = await findVersion(unit, id);
  if (!version) throw notFound('ModelVersion', id);
  return version;
}
