import { IsOptional, Length, Matches } from 'class-validator';
import { Field, InputType, ObjectType } from 'type-graphql';

export const DIGEST = /^sha256:[0-9a-f]{64}$/;
export const DIGEST_RULE = 'must be `sha256:` and 64 lower-case hexadecimal digits';
/** A scheme, then anything but white space; a password in front of the host is refused. */
export const URI = /^[a-z][a-z0-9+.-]*:\/\/(?![^/]*:[^/]*@)\S+$/;
export const URI_RULE = 'must be a URI such as s3://bucket/path, without white space and without a password';

@ObjectType({ description: 'Data that something was made from or judged by.' })
export class ModelDataset {
  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => String, { description: 'Where it is.' })
  uri!: string;

  @Field(() => String, { nullable: true, description: 'What it hashes to; null where nobody said.' })
  digest!: string | null;
}

@InputType({ description: 'Data that something was made from or judged by.' })
export class ModelDatasetInput {
  @Field(() => String, { description: 'Its name for people, 1 to 200 characters.' })
  @Length(1, 200)
  name!: string;

  @Field(() => String, { description: 'Where it is, for example `s3://datasets/support-2026-10`.' })
  @Length(1, 2048)
  @Matches(URI, { message: URI_RULE })
  uri!: string;

  @Field(() => String, { nullable: true, description: 'What it hashes to: `sha256:` and 64 hex digits.' })
  @IsOptional()
  @Matches(DIGEST, { message: DIGEST_RULE })
  digest?: string | null;
}

export const toDataset = ({ name, uri, digest }: ModelDatasetInput) => ({
  name,
  uri,
  digest: digest ?? null,
});
