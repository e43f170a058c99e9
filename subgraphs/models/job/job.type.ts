import { Directive, Field, ID, ObjectType } from 'type-graphql';

@ObjectType('Job', { description: 'Work that waits for devices, uses them, and ends.' })
@Directive('@key(fields: "id")')
export class JobStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;
}
