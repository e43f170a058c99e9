import { type ClassType, Directive, Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import { Money } from '../../../platform/graphql/values.type.js';
import { ownerKindOf } from '../usage/owner.js';

@ObjectType({
  description: 'What something costs. Cost accrues from the opening of each allocation to its closing.',
})
export class Cost {
  @Field(() => Money, { description: 'What it has cost until now.' })
  accrued!: Money;

  @Field(() => Money, { description: 'What it costs per hour now, at the prices that count now.' })
  ratePerHour!: Money;
}

const TYPE_BY_KIND = { INSTANCE: 'Instance', JOB: 'Job', DEPLOYMENT: 'Deployment' } as const;

@InterfaceType({
  description: 'Something that uses devices and so costs money.',
  resolveType: ({ id }: { id: string }) => {
    const kind = ownerKindOf(id);
    return kind === null ? undefined : TYPE_BY_KIND[kind];
  },
})
export abstract class Billable {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => Cost, {
    nullable: true,
    description: 'What it costs; null where you may not see it, or where billing has not heard of it yet.',
  })
  cost?: Cost | null;
}

/** What other subgraphs own and billing adds the cost to, with the description of each type. */
const BILLABLES = {
  Instance: 'A machine with GPUs for one person or team, from its request to its termination.',
  Job: 'Work that waits for devices, uses them, and ends.',
  Deployment: 'A version of a model that serves requests.',
} as const;

/** The types of everything that costs money. */
export const billableStubs: readonly ClassType<Billable>[] = Object.entries(BILLABLES).map(
  ([name, description]) => {
    @ObjectType(name, { implements: Billable, description })
    @Directive('@key(fields: "id")')
    class Stub extends Billable {}
    return Stub;
  },
);

export const billableReferences = Object.fromEntries(
  Object.keys(BILLABLES).map((name) => [name, ({ id }: { id: string }) => ({ id })]),
);
