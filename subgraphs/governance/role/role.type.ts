import { Field, ObjectType } from 'type-graphql';

@ObjectType('Role', { description: 'A named set of rights that can be given to people.' })
export class RoleType {
  @Field(() => String, { description: 'Its name, as `bindRole` takes it.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  about!: string;

  @Field(() => [String], { description: 'The rights that it gives where it is bound, and below.' })
  permissions!: string[];
}
