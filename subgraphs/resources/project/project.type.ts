import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Governance owns projects; resources knows their instances. */
@ObjectType('Project', {
  description:
    'Where people work together: its members, quotas and budgets reach down to the projects below it.',
})
@Directive('@key(fields: "id")')
export class ProjectStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;
}
