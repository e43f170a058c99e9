import { Length, Matches, ValidateIf } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { CreationInput } from '../../../platform/graphql/command.type.js';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,198}[A-Za-z0-9])?$/;

@InputType({ description: 'A model that a project is to keep versions of.' })
export class RegisterModelInput extends CreationInput {
  @Field(() => ID, { description: 'The project that it belongs to.' })
  projectId!: string;

  @Field(() => String, {
    description:
      'Its name, unique in the project: 1 to 200 letters, digits, dots, hyphens and underscores, for example `llama-3.1-8b-support`.',
  })
  @Matches(NAME, {
    message:
      'must be 1 to 200 letters, digits, dots, hyphens and underscores, and begin and end with a letter or digit',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What it does, in your words, for example `text-generation`; 1 to 200 characters.',
  })
  @ValidateIf(({ task }: RegisterModelInput) => task != null)
  @Length(1, 200)
  task?: string | null;
}
