import { ulid } from 'ulid';
import type { CommandAnswer } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import { badUserInput, type InputFault, notFound } from '../../../platform/errors.js';
import { commandRequest } from '../../../platform/graphql/requestContext.js';
import { may } from '../../../platform/identity/principal.js';
import type { Permission } from '../../../contracts/permissions.js';
import { checkRight } from '../access.js';
import type { Context } from '../context.js';
import { lockModel } from '../registeredModel/model.lock.js';
import { requiredModel } from '../registeredModel/visibleModel.js';
import { toArchitecture } from './architecture.type.js';
import { toDataset } from './dataset.type.js';
import { decideCreateVersion, type ModelVersionFacts } from './modelVersion.js';
import type { CreateModelVersionInput } from './modelVersion.inputs.js';
import { modelVersionAggregate } from './modelVersion.projection.js';
import { type ModelVersionEntity, nextNumber } from './modelVersion.repository.js';

/** Adds a version to a model. Numbers have no gaps, however many versions are created at once. */
export async function createVersion(
  input: CreateModelVersionInput,
  context: Context,
): Promise<CommandAnswer<ModelVersionEntity>> {
  checkNumbers(input);
  const { modelId, producedByJobId = null } = input;
  const { projectId } = (await requiredModel(modelId, context)).state;
  if (producedByJobId !== null) await checkJob(producedByJobId, projectId, context);
  checkRight(context.principal, 'model:write', projectId);
  const request = commandRequest(context, 'createModelVersion', input);
  return context.commands.execute(request, async (unit: Unit) => {
    await lockModel(unit.tx, modelId);
    const id = `model-version_${ulid()}`;
    const number = await nextNumber(unit.tx, modelId);
    const events = decideCreateVersion(id, { ...factsOf(input), projectId, number });
    const version = await unit.load(modelVersionAggregate, id);
    return unit.save(modelVersionAggregate, version, events, projectId);
  });
}

function checkNumbers({ sizeBytes, parameters }: CreateModelVersionInput): void {
  const faults: InputFault[] = [];
  if (sizeBytes < 0n) faults.push({ path: ['input', 'sizeBytes'], message: 'must not be negative' });
  if (parameters != null && parameters < 1n)
    faults.push({ path: ['input', 'parameters'], message: 'must be positive' });
  if (faults.length > 0) throw badUserInput(faults);
}

/** A job that the caller cannot see does not exist for them; one that they see must be of the same project. */
async function checkJob(id: string, projectId: string, { reader, principal }: Context): Promise<void> {
  const job = await reader.modelsJob.findFirst({ where: { id } });
  if (!job || !may(principal, 'contents:read' satisfies Permission, job.projectId)) throw notFound('Job', id);
  if (job.projectId !== projectId)
    throw badUserInput([{ path: ['input', 'producedByJobId'], message: 'is a job of another project' }]);
}

function factsOf(input: CreateModelVersionInput): Omit<ModelVersionFacts, 'projectId' | 'number'> {
  const { modelId, uri, digest, sizeBytes, parameters, architecture } = input;
  return {
    modelId,
    uri,
    digest,
    sizeBytes: sizeBytes.toString(),
    parameters: parameters?.toString() ?? null,
    precision: input.precision ?? null,
    producedByJobId: input.producedByJobId ?? null,
    datasets: (input.datasets ?? []).map(toDataset),
    licence: input.licence ?? null,
    architecture: architecture ? toArchitecture(architecture) : null,
  };
}
