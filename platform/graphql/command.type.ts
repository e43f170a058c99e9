import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Length } from 'class-validator';

@InputType()
export abstract class CreationInput {
  @Field(() => String, {
    description:
      'Chosen by you, 1 to 255 characters, unique among your calls of this mutation. The same key with the same input gives the first answer again.',
  })
  @Length(1, 255)
  idempotencyKey!: string;

  @Field(() => Boolean, { defaultValue: false, description: 'Decide and answer, but store nothing.' })
  dryRun!: boolean;
}

@InputType()
export abstract class CommandInput extends CreationInput {
  @Field(() => ID, { description: 'The thing that the command is about.' })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'The version that you decided on. If the thing has moved on, the command is refused with `CONFLICT`.',
  })
  expectedVersion?: number | null;
}

@ObjectType()
export abstract class CommandPayload {
  @Field(() => ID, { nullable: true, description: 'The event that records the change; null in a dry run.' })
  eventId!: string | null;

  @Field(() => Int, { nullable: true, description: 'The version of the changed thing; null in a dry run.' })
  version!: number | null;
}
