import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Governance owns quotas and their limits; resources knows how much of them is used. */
@ObjectType('Quota', {
  description:
    'How many GPUs of one model a project, with all below it, may have at one time. No quota means none.',
})
@Directive('@key(fields: "id")')
export class QuotaStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;
}
