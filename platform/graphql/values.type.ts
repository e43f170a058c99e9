import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { IsNotEmpty, MaxLength } from 'class-validator';
import { Decimal } from './scalars.js';

@ObjectType({ description: 'An amount of money.' })
@Directive('@shareable')
export class Money {
  @Field(() => Decimal, { description: 'The exact amount in the currency.' })
  amount!: string;

  @Field(() => String, { description: 'ISO 4217 code, for example `USD`.' })
  currency!: string;
}

export const ActorKind = {
  USER: 'USER',
  SERVICE_ACCOUNT: 'SERVICE_ACCOUNT',
  API_KEY: 'API_KEY',
  SYSTEM: 'SYSTEM',
} as const;
registerEnumType(ActorKind, {
  name: 'ActorKind',
  description: 'What kind of actor did something.',
  valuesConfig: {
    USER: { description: 'A person.' },
    SERVICE_ACCOUNT: { description: 'A program with an account of its own.' },
    API_KEY: { description: 'Whoever used an API key.' },
    SYSTEM: { description: 'A named part of Fleetgraph, acting by itself.' },
  },
});

/** Every subgraph knows actors by id and kind; governance adds their names. */
@ObjectType({
  description: 'Who did something: a user, a service account, an API key or a named part of the system.',
})
@Directive('@key(fields: "id")')
export class Actor {
  @Field(() => ID, { description: 'Stable id of the actor.' })
  id!: string;

  @Field(() => ActorKind, { description: 'What kind of actor it is.' })
  @Directive('@shareable')
  kind!: keyof typeof ActorKind;
}

@ObjectType({ description: 'A label: a key with a value, chosen by users.' })
@Directive('@shareable')
export class Label {
  @Field(() => String, { description: 'The key, unique on its object.' })
  key!: string;

  @Field(() => String, { description: 'The value; may be empty.' })
  value!: string;
}

@InputType({ description: 'A key with a value.' })
export class KeyValueInput {
  @Field(() => String, { description: 'The key, unique in its list.' })
  @IsNotEmpty()
  @MaxLength(317)
  key!: string;

  @Field(() => String, { description: 'The value; may be empty.' })
  @MaxLength(4096)
  value!: string;
}

@ObjectType({ description: 'A command on a thing, and whether its state and your rights allow it now.' })
@Directive('@shareable')
export class AvailableAction {
  @Field(() => String, { description: 'The name of the mutation.' })
  action!: string;

  @Field(() => Boolean, { description: 'Whether it would be accepted now.' })
  allowed!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it is not allowed; null when it is.' })
  reason!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The state that it leads to; null when it is not allowed.',
  })
  resultingState!: string | null;
}
