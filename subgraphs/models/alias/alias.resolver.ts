import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Permission } from '../../../contracts/permissions.js';
import type { Unit } from '../../../platform/command/unit.js';
import { badUserInput, notFound } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { checkRight } from '../access.js';
import type { Context } from '../context.js';
import { checkReady } from '../modelVersion/modelVersion.js';
import { modelVersionAggregate } from '../modelVersion/modelVersion.projection.js';
import { requiredVersion } from '../modelVersion/visibleVersion.js';
import { lockModel } from '../registeredModel/model.lock.js';
import { findAlias, type RegisteredModelState } from '../registeredModel/registeredModel.js';
import { registeredModelAggregate } from '../registeredModel/registeredModel.projection.js';
import { RegisteredModel, toRegisteredModel } from '../registeredModel/registeredModel.type.js';
import { requiredModel } from '../registeredModel/visibleModel.js';
import { decideRemoveAlias, decideSetAlias, isProtected } from './alias.js';
import { RemoveAliasInput, SetAliasInput } from './alias.inputs.js';
import { Alias, RemoveAliasPayload, SetAliasPayload, toAlias } from './alias.type.js';

@Resolver(() => RegisteredModel)
export class AliasResolver {
  @FieldResolver(() => [Alias], { description: 'Its aliases, by name.' })
  aliases(@Root() { id, aliasStates }: RegisteredModel): Alias[] {
    return aliasStates.map((alias) => toAlias(id, alias));
  }

  @FieldResolver(() => Alias, {
    nullable: true,
    description: 'One of its aliases; null if it has none of that name.',
  })
  alias(
    @Root() { id, aliasStates }: RegisteredModel,
    @Arg('name', () => String, { description: 'The name.' }) name: string,
  ): Alias | null {
    const alias = aliasStates.find((each) => each.name === name);
    return alias ? toAlias(id, alias) : null;
  }

  @Mutation(() => SetAliasPayload, {
    description:
      'Lets an alias resolve to a version of its model, whatever it resolved to before. A protected alias is moved only by those who may write protected aliases.',
  })
  async setAlias(
    @Arg('input', () => SetAliasInput, { description: 'The alias and the version.' }) input: SetAliasInput,
    @Ctx() context: Context,
  ): Promise<SetAliasPayload> {
    const { modelId, name, versionId } = input;
    const model = await requiredModel(modelId, context);
    const version = await requiredVersion(versionId, context);
    if (version.state.modelId !== modelId)
      throw badUserInput([{ path: ['input', 'versionId'], message: `is no version of model ${modelId}` }]);
    checkMayMove(name, model.state.projectId, context);
    const request = commandRequest(context, 'setAlias', input);
    const answer = await context.commands.execute(request, async (unit) => {
      await lockModel(unit.tx, modelId);
      const before = await loadModel(unit, input);
      const target = await unit.load(modelVersionAggregate, versionId);
      if (target.state) checkReady({ id: versionId, state: target.state });
      const events = decideSetAlias(before, targetOf(input), versionId);
      const after = await unit.save(registeredModelAggregate, before, events, before.state.projectId);
      return findAlias(after.state, name);
    });
    const { eventId, version: modelStands, result } = noteWritten(context, answer);
    if (!result) throw new Error(`Alias ${name} was set and is not there`);
    return { eventId, version: modelStands, alias: toAlias(modelId, result) };
  }

  @Mutation(() => RemoveAliasPayload, { description: 'Takes an alias away; the version stays.' })
  async removeAlias(
    @Arg('input', () => RemoveAliasInput, { description: 'The alias.' }) input: RemoveAliasInput,
    @Ctx() context: Context,
  ): Promise<RemoveAliasPayload> {
    const { state } = await requiredModel(input.modelId, context);
    checkMayMove(input.name, state.projectId, context);
    const request = commandRequest(context, 'removeAlias', input);
    const answer = await context.commands.execute(request, async (unit) => {
      await lockModel(unit.tx, input.modelId);
      const before = await loadModel(unit, input);
      const events = decideRemoveAlias(before, targetOf(input));
      return unit.save(registeredModelAggregate, before, events, before.state.projectId);
    });
    const { eventId, version, result } = noteWritten(context, answer);
    return { eventId, version, model: toRegisteredModel(result) };
  }
}

type Model = Existing<RegisteredModelState>;

async function loadModel(
  unit: Unit,
  { modelId, expectedVersion }: { modelId: string; expectedVersion?: number | null },
): Promise<Model> {
  const { state, ...model } = await unit.load(registeredModelAggregate, modelId, expectedVersion);
  if (!state) throw notFound('RegisteredModel', modelId);
  return { ...model, state };
}

function checkMayMove(name: string, projectId: string, { principal }: Context): void {
  const right: Permission = isProtected(name) ? 'alias:writeProtected' : 'model:write';
  checkRight(principal, right, projectId);
}

const targetOf = ({ name, expectedVersionId }: { name: string; expectedVersionId?: string | null }) => ({
  name,
  expectedVersionId: expectedVersionId ?? null,
});
