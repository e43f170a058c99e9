import { IsNotEmpty, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { CommandPayload, CreationInput } from '../../../platform/graphql/command.type.js';
import { DNS_LABEL } from './project.js';
import { Project } from './project.type.js';

@InputType({ description: 'A project to create.' })
export class CreateProjectInput extends CreationInput {
  @Field(() => String, {
    description: 'A DNS label (a-z, 0-9 and -, 63 characters at most), unique in the organisation.',
  })
  @Matches(DNS_LABEL, { message: 'must be a DNS label: a-z, 0-9 and -, 63 characters at most' })
  key!: string;

  @Field(() => String, { description: 'Its name for people, 200 characters at most.' })
  @IsNotEmpty()
  @MaxLength(200)
  name!: string;

  @Field(() => ID, { nullable: true, description: 'The project above it; none for one at the top.' })
  parentId?: string | null;
}

@ObjectType({ description: 'The project that was created.' })
export class CreateProjectPayload extends CommandPayload {
  @Field(() => Project, { description: 'The project, as it is right after the command.' })
  project!: Project;
}
