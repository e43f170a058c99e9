import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ulid } from 'ulid';
import type { Permission } from '../../../contracts/permissions.js';
import { nameTaken, notFound } from '../../../platform/errors.js';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { may } from '../../../platform/identity/principal.js';
import { checkRight } from '../access.js';
import type { Context } from '../context.js';
import { maySeeProject } from '../visibility.js';
import { decideRegisterModel } from './registeredModel.js';
import { RegisterModelInput } from './registeredModel.inputs.js';
import { registeredModelAggregate } from './registeredModel.projection.js';
import { RegisteredModel, RegisterModelPayload, toRegisteredModel } from './registeredModel.type.js';
import { visibleModel } from './visibleModel.js';

const WRITE = 'model:write' satisfies Permission;

@Resolver(() => RegisteredModel)
export class RegisteredModelResolver {
  @Query(() => RegisteredModel, { nullable: true, description: 'One model, as it is or as it was.' })
  model(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'The time to look back to; left out, now.' })
    asOf: Date | null | undefined,
    @Ctx() context: Context,
  ): Promise<RegisteredModel | null> {
    return visibleModel(id, context, asOf ?? null);
  }

  @Mutation(() => RegisterModelPayload, {
    description:
      'Begins to keep versions of a model. Refused with `NAME_TAKEN` if the project has one of that name.',
  })
  async registerModel(
    @Arg('input', () => RegisterModelInput, { description: 'The model.' }) input: RegisterModelInput,
    @Ctx() context: Context,
  ): Promise<RegisterModelPayload> {
    const { projectId, name, task = null } = input;
    await checkMayRegister(projectId, context);
    const request = commandRequest(context, 'registerModel', input);
    const answer = await context.commands.execute(request, async (unit) => {
      const taken = await unit.tx.registeredModel.count({ where: { projectId, name } });
      if (taken > 0) throw nameTaken('model', name);
      const id = `model_${ulid()}`;
      const model = await unit.load(registeredModelAggregate, id);
      const events = decideRegisterModel(id, { projectId, name, task });
      return unit.save(registeredModelAggregate, model, events, projectId);
    });
    const { eventId, version, result } = noteWritten(context, answer);
    return { eventId, version, model: toRegisteredModel(result) };
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { project }: RegisteredModel, @Ctx() { principal }: Context): AvailableAction[] {
    const allowed = may(principal, WRITE, project.id);
    const reason = allowed ? null : 'You do not have the right to change its models.';
    return ['createModelVersion', 'setAlias', 'removeAlias'].map((action) => ({
      action,
      allowed,
      reason,
      resultingState: null,
    }));
  }
}

async function checkMayRegister(projectId: string, { reader, principal }: Context): Promise<void> {
  const exists = (await reader.modelsProject.count({ where: { id: projectId } })) > 0;
  if (!exists || !maySeeProject(principal, projectId)) throw notFound('Project', projectId);
  checkRight(principal, WRITE, projectId);
}
