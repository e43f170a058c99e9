import { ArrayMaxSize, IsOptional, Length, Matches, ValidateNested } from 'class-validator';
import { Directive, Field, InputType, ObjectType } from 'type-graphql';
import { VARIABLE } from '../kubernetes/podSettings.js';
import { KeyValueInput } from './values.type.js';

/** What Kubernetes takes for these. */
const DNS_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const SECRET_KEY = /^[-._A-Za-z0-9]{1,253}$/;

/** How many variables, references, labels or annotations a request may have, of each. */
export const POD_LIST_MAX = 64;
export const IMAGE = /^[^\s]+$/;

@InputType({ description: 'A value that the pod reads from a Kubernetes Secret of the project.' })
export class SecretRefInput {
  @Field(() => String, { description: 'The environment variable that gets the value.' })
  @Matches(VARIABLE, { message: 'must be the name of an environment variable' })
  env!: string;

  @Field(() => String, { description: 'The name of the Secret.' })
  @Matches(DNS_NAME, { message: 'must be the name of a Secret' })
  secret!: string;

  @Field(() => String, { description: 'The key in the Secret.' })
  @Matches(SECRET_KEY, { message: 'must be the key of a Secret' })
  key!: string;
}

/** What every request for pods says of them. */
@InputType()
export abstract class PodRequestInput {
  @Field(() => String, { description: 'The container image, for example `docker.io/library/busybox:1.36`.' })
  @Length(1, 512)
  @Matches(IMAGE, { message: 'must not contain white space' })
  image!: string;

  @Field(() => [KeyValueInput], {
    nullable: true,
    description: 'Environment variables. Secrets belong in `secretRefs`.',
  })
  @IsOptional()
  @ArrayMaxSize(POD_LIST_MAX)
  @ValidateNested()
  env?: KeyValueInput[] | null;

  @Field(() => [SecretRefInput], { nullable: true, description: 'Environment variables from secrets.' })
  @IsOptional()
  @ArrayMaxSize(POD_LIST_MAX)
  @ValidateNested()
  secretRefs?: SecretRefInput[] | null;

  @Field(() => [KeyValueInput], { nullable: true, description: 'Labels, by the rules of Kubernetes.' })
  @IsOptional()
  @ArrayMaxSize(POD_LIST_MAX)
  @ValidateNested()
  labels?: KeyValueInput[] | null;

  @Field(() => [KeyValueInput], { nullable: true, description: 'Annotations, copied to the pods.' })
  @IsOptional()
  @ArrayMaxSize(POD_LIST_MAX)
  @ValidateNested()
  annotations?: KeyValueInput[] | null;
}

@ObjectType({ description: 'A value that a pod reads from a Kubernetes Secret of its project.' })
@Directive('@shareable')
export class SecretRef {
  @Field(() => String, { description: 'The environment variable that gets the value.' })
  env!: string;

  @Field(() => String, { description: 'The name of the Secret.' })
  secret!: string;

  @Field(() => String, { description: 'The key in the Secret.' })
  key!: string;
}

@ObjectType({ description: 'A key with a value.' })
@Directive('@shareable')
export class KeyValue {
  @Field(() => String, { description: 'The key, unique in its list.' })
  key!: string;

  @Field(() => String, { description: 'The value; may be empty.' })
  value!: string;
}
