import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ModelVersionEvent } from '../../../contracts/models.events.js';
import type { Permission } from '../../../contracts/permissions.js';
import type { Unit } from '../../../platform/command/unit.js';
import { notFound } from '../../../platform/errors.js';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { may } from '../../../platform/identity/principal.js';
import { checkRight } from '../access.js';
import type { Context } from '../context.js';
import { JobStub } from '../job/job.type.js';
import { lockModel } from '../registeredModel/model.lock.js';
import { RegisteredModel } from '../registeredModel/registeredModel.type.js';
import { visibleModel } from '../registeredModel/visibleModel.js';
import { createVersion } from './createVersion.js';
import { decideArchive, decideDeprecate, decideQuarantine, decideRelease } from './modelVersion.js';
import {
  CreateModelVersionInput,
  DeprecateModelVersionInput,
  ModelVersionCommandInput,
  QuarantineModelVersionInput,
} from './modelVersion.inputs.js';
import { modelVersionAggregate } from './modelVersion.projection.js';
import type { ModelVersionEntity } from './modelVersion.repository.js';
import {
  MODEL_VERSION_COMMANDS,
  type ModelVersionCommandName,
  resultingStatus,
} from './modelVersion.transitions.js';
import {
  CreateModelVersionPayload,
  ModelVersion,
  ModelVersionPayload,
  toModelVersion,
} from './modelVersion.type.js';
import { readVersionUse } from './versionUse.js';
import { requiredVersion, visibleVersion } from './visibleVersion.js';

const WRITE = 'model:write' satisfies Permission;

@Resolver(() => ModelVersion)
export class ModelVersionResolver {
  @Query(() => ModelVersion, { nullable: true, description: 'One version, as it is or as it was.' })
  modelVersion(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'The time to look back to; left out, now.' })
    asOf: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<ModelVersion | null> {
    return visibleVersion(id, context, asOf ?? null);
  }

  @Mutation(() => CreateModelVersionPayload, {
    description: 'Adds a version to a model, under the next number.',
  })
  async createModelVersion(
    @Arg('input', () => CreateModelVersionInput, { description: 'The version.' })
    input: CreateModelVersionInput,
    @Ctx() context: Context,
  ): Promise<CreateModelVersionPayload> {
    const { eventId, version, result } = noteWritten(context, await createVersion(input, context));
    return { eventId, version, modelVersion: toModelVersion(result) };
  }

  @Mutation(() => ModelVersionPayload, {
    description:
      'Keeps everything from using a version until it is released. Refused with `VERSION_IN_USE` while an alias resolves to it or a deployment serves it.',
  })
  quarantineModelVersion(
    @Arg('input', () => QuarantineModelVersionInput, { description: 'The version, and why.' })
    input: QuarantineModelVersionInput,
    @Ctx() context: Context,
  ): Promise<ModelVersionPayload> {
    return change('quarantineModelVersion', input, context, async (version, unit) =>
      decideQuarantine(version, input.reason, await readVersionUse(unit, version.state.modelId, version.id)),
    );
  }

  @Mutation(() => ModelVersionPayload, { description: 'Ends the quarantine of a version.' })
  releaseModelVersion(
    @Arg('input', () => ModelVersionCommandInput, { description: 'The version.' })
    input: ModelVersionCommandInput,
    @Ctx() context: Context,
  ): Promise<ModelVersionPayload> {
    return change('releaseModelVersion', input, context, decideRelease);
  }

  @Mutation(() => ModelVersionPayload, {
    description: 'Says that nothing new may use a version. What uses it goes on.',
  })
  deprecateModelVersion(
    @Arg('input', () => DeprecateModelVersionInput, { description: 'The version, and why.' })
    input: DeprecateModelVersionInput,
    @Ctx() context: Context,
  ): Promise<ModelVersionPayload> {
    return change('deprecateModelVersion', input, context, (version) =>
      decideDeprecate(version, input.reason ?? null),
    );
  }

  @Mutation(() => ModelVersionPayload, {
    description:
      'Puts a deprecated version away for good. Refused with `VERSION_IN_USE` while an alias resolves to it or a deployment serves it.',
  })
  archiveModelVersion(
    @Arg('input', () => ModelVersionCommandInput, { description: 'The version.' })
    input: ModelVersionCommandInput,
    @Ctx() context: Context,
  ): Promise<ModelVersionPayload> {
    return change('archiveModelVersion', input, context, async (version, unit) =>
      decideArchive(version, await readVersionUse(unit, version.state.modelId, version.id)),
    );
  }

  @FieldResolver(() => RegisteredModel, { description: 'The model that it is a version of.' })
  async model(@Root() { modelId }: ModelVersion, @Ctx() context: Context): Promise<RegisteredModel> {
    const model = await visibleModel(modelId, context);
    if (!model) throw new Error(`The model ${modelId} of a version is not there`);
    return model;
  }

  @FieldResolver(() => JobStub, {
    nullable: true,
    description: 'The job that produced it; null where nobody said, or where you may not see jobs.',
  })
  producedBy(
    @Root() { producedByJobId, project }: ModelVersion,
    @Ctx() { principal }: Context,
  ): JobStub | null {
    const sees = may(principal, 'contents:read' satisfies Permission, project.id);
    return producedByJobId !== null && sees ? { id: producedByJobId } : null;
  }

  @FieldResolver(() => [String], { description: 'The aliases that resolve to it now, by name.' })
  async aliases(@Root() { id, modelId }: ModelVersion, @Ctx() { loaders }: Context): Promise<string[]> {
    const model = await loaders.model.load(modelId);
    return (model?.state.aliases ?? []).flatMap(({ name, versionId }) => (versionId === id ? [name] : []));
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() version: ModelVersion, @Ctx() { principal }: Context): AvailableAction[] {
    const hasRight = may(principal, WRITE, version.project.id);
    return MODEL_VERSION_COMMANDS.map((action) => {
      const resultingState = resultingStatus(version.status, action);
      const refused = (reason: string) => ({ action, allowed: false, reason, resultingState: null });
      if (!hasRight) return refused('You do not have the right to change it.');
      if (resultingState === null) return refused(`It is ${version.status}.`);
      return { action, allowed: true, reason: null, resultingState };
    });
  }
}

/** A command on a version that is there, decided behind its model's lock. */
async function change(
  name: ModelVersionCommandName,
  input: ModelVersionCommandInput,
  context: Context,
  decide: (version: ModelVersionEntity, unit: Unit) => ModelVersionEvent[] | Promise<ModelVersionEvent[]>,
): Promise<ModelVersionPayload> {
  const { id, expectedVersion } = input;
  const { modelId, projectId } = (await requiredVersion(id, context)).state;
  checkRight(context.principal, WRITE, projectId);
  const answer = await context.commands.execute(commandRequest(context, name, input), async (unit) => {
    await lockModel(unit.tx, modelId);
    const { state, ...version } = await unit.load(modelVersionAggregate, id, expectedVersion);
    if (!state) throw notFound('ModelVersion', id);
    const events = await decide({ ...version, state }, unit);
    return unit.save(modelVersionAggregate, { ...version, state }, events, projectId);
  });
  const { eventId, version, result } = noteWritten(context, answer);
  return { eventId, version, modelVersion: toModelVersion(result) };
}
