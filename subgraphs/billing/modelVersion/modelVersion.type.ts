import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Cost } from '../cost/cost.type.js';

@ObjectType('ModelVersion', { description: 'One version of a model, which never changes.' })
@Directive('@key(fields: "id")')
export class ModelVersionStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => Cost, {
    nullable: true,
    description:
      'What the job cost that made it, with all its attempts; null where no job is known, or where you may not see its cost.',
  })
  trainingCost?: Cost | null;
}
