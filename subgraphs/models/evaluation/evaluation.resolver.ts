import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ulid } from 'ulid';
import type { ModelVersionEvent } from '../../../contracts/models.events.js';
import { badUserInput } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { checkRight } from '../access.js';
import type { Context } from '../context.js';
import { toDataset } from '../modelVersion/dataset.type.js';
import { modelVersionAggregate } from '../modelVersion/modelVersion.projection.js';
import { ModelVersion, toModelVersion } from '../modelVersion/modelVersion.type.js';
import { requiredVersion } from '../modelVersion/visibleVersion.js';
import { type EvaluationMetricInput, RecordEvaluationInput } from './evaluation.inputs.js';
import { Evaluation, RecordEvaluationPayload, toEvaluation } from './evaluation.type.js';

@Resolver(() => ModelVersion)
export class EvaluationResolver {
  @FieldResolver(() => [Evaluation], {
    description: 'How it did in tests, newest first, at most 100.',
  })
  async evaluations(@Root() { id }: ModelVersion, @Ctx() { loaders }: Context): Promise<Evaluation[]> {
    return (await loaders.evaluationsOfVersion.load(id)).map(toEvaluation);
  }

  @Mutation(() => RecordEvaluationPayload, { description: 'Records how a version did in a suite of tests.' })
  async recordEvaluation(
    @Arg('input', () => RecordEvaluationInput, { description: 'The evaluation.' })
    input: RecordEvaluationInput,
    @Ctx() context: Context,
  ): Promise<RecordEvaluationPayload> {
    checkMetrics(input.metrics);
    const { modelVersionId, suite, passed, dataset } = input;
    const { projectId } = (await requiredVersion(modelVersionId, context)).state;
    checkRight(context.principal, 'model:write', projectId);
    const metrics = input.metrics.map(({ name, value }) => ({ name, value }));
    const request = commandRequest(context, 'recordEvaluation', input);
    const answer = await context.commands.execute(request, async (unit) => {
      const recorded: ModelVersionEvent & { type: 'EvaluationRecorded' } = {
        type: 'EvaluationRecorded',
        data: {
          id: `evaluation_${ulid()}`,
          suite,
          metrics,
          passed,
          dataset: dataset ? toDataset(dataset) : null,
        },
      };
      const version = await unit.load(modelVersionAggregate, modelVersionId);
      const after = await unit.save(modelVersionAggregate, version, [recorded], projectId);
      return { after, evaluation: recorded.data, at: unit.now.toISOString(), actor: unit.origin.actor };
    });
    const { eventId, version, result } = noteWritten(context, answer);
    const { evaluation, at, actor } = result;
    return {
      eventId,
      version,
      modelVersion: toModelVersion(result.after),
      evaluation: toEvaluation({ ...evaluation, modelVersionId, at: new Date(at), actor }),
    };
  }
}

function checkMetrics(metrics: readonly EvaluationMetricInput[]): void {
  const names = metrics.map(({ name }) => name);
  const faults = names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: ['input', 'metrics', index, 'name'], message: `${name} occurs twice` }],
  );
  if (faults.length > 0) throw badUserInput(faults);
}
