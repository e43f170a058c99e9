import { Field, ID, ObjectType } from 'type-graphql';
import type { Dataset, Metric } from '../../../contracts/models.events.js';
import { DateTime, Decimal } from '../../../platform/graphql/scalars.js';
import { Actor } from '../../../platform/graphql/values.type.js';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { ModelDataset } from '../modelVersion/dataset.type.js';
import { ModelVersion } from '../modelVersion/modelVersion.type.js';
import type { EvaluationRow } from './evaluation.repository.js';

@ObjectType({ description: 'A number that an evaluation came to.' })
export class EvaluationMetric {
  @Field(() => String, { description: 'What was measured, for example `accuracy`.' })
  name!: string;

  @Field(() => Decimal, { description: 'What it came to.' })
  value!: string;
}

@ObjectType({ description: 'How a version did in a suite of tests. It never changes.' })
export class Evaluation {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => String, { description: 'The suite, for example `mmlu-2026`.' })
  suite!: string;

  @Field(() => [EvaluationMetric], { description: 'What was measured.' })
  metrics!: Metric[];

  @Field(() => Boolean, { description: 'Whether the version passed, by whoever recorded it.' })
  passed!: boolean;

  @Field(() => ModelDataset, {
    nullable: true,
    description: 'The data that it was judged by, if that was said.',
  })
  dataset!: Dataset | null;

  @Field(() => DateTime, { description: 'When it was recorded.' })
  recordedAt!: Date;

  @Field(() => Actor, { description: 'Who recorded it.' })
  recordedBy!: Actor;
}

export const toEvaluation = (row: EvaluationRow): Evaluation => ({
  id: row.id,
  suite: row.suite,
  metrics: row.metrics as Metric[],
  passed: row.passed,
  dataset: row.dataset as Dataset | null,
  recordedAt: row.at,
  recordedBy: row.actor as unknown as Actor,
});

@ObjectType({ description: 'The evaluation that was recorded, and its version.' })
export class RecordEvaluationPayload extends CommandPayload {
  @Field(() => Evaluation, { description: 'The evaluation.' })
  evaluation!: Evaluation;

  @Field(() => ModelVersion, { description: 'The version that it is about.' })
  modelVersion!: ModelVersion;
}
