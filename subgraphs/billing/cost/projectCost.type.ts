import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime, Decimal } from '../../../platform/graphql/scalars.js';
import { Money } from '../../../platform/graphql/values.type.js';
import type { Charge } from '../usage/rating.js';

export const CostDimension = {
  GPU_MODEL: 'GPU_MODEL',
  OWNER: 'OWNER',
  OWNER_KIND: 'OWNER_KIND',
  PROJECT: 'PROJECT',
  PRICE_BOOK: 'PRICE_BOOK',
} as const;
registerEnumType(CostDimension, {
  name: 'CostDimension',
  description: 'By what a cost is taken apart.',
  valuesConfig: {
    GPU_MODEL: { description: 'The model of the devices; keys are catalogue ids.' },
    OWNER: { description: 'What used the devices; keys are ids of instances, jobs and deployments.' },
    OWNER_KIND: { description: 'The kind of what used the devices: `INSTANCE`, `JOB` or `DEPLOYMENT`.' },
    PROJECT: {
      description:
        'The project that used the devices, of those at or below the one asked about; keys are ids.',
    },
    PRICE_BOOK: { description: 'The price book that counted; keys are its name.' },
  },
});

@InputType({ description: 'A span of time.' })
export class CostWindowInput {
  @Field(() => DateTime, { description: 'Its beginning.' })
  from!: Date;

  @Field(() => DateTime, {
    description: 'Its end, later than its beginning; what lies in the future costs nothing yet.',
  })
  to!: Date;
}

@ObjectType({ description: 'A part of a cost.' })
export class CostGroup {
  @Field(() => ID, { description: 'What the part is for, as the dimension says.' })
  key!: string;

  @Field(() => Money, { description: 'What it costs.' })
  amount!: Money;

  @Field(() => Decimal, { description: 'How long devices were used, in seconds of whole devices.' })
  gpuSeconds!: string;
}

@ObjectType({ description: 'What a project and all below it cost in a span of time.' })
export class ProjectCost {
  @Field(() => DateTime, { description: 'The beginning of the span.' })
  from!: Date;

  @Field(() => DateTime, { description: 'The end of the span, now at the latest.' })
  to!: Date;

  @Field(() => Money, { description: 'The whole cost. Groups of every kind add up to it exactly.' })
  total!: Money;

  @Field(() => Decimal, { description: 'How long devices were used, in seconds of whole devices.' })
  gpuSeconds!: string;

  charges!: readonly Charge[];
}
