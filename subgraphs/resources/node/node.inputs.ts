import { IsOptional, MaxLength } from 'class-validator';
import { Field, InputType, ObjectType } from 'type-graphql';
import { CommandInput, CommandPayload } from '../../../platform/graphql/command.type.js';
import { Node } from './node.type.js';

@InputType({ description: 'Keep new pods away from a node.' })
export class CordonNodeInput extends CommandInput {
  @Field(() => String, { nullable: true, description: 'Why, for those who wonder later.' })
  @IsOptional()
  @MaxLength(1000)
  reason?: string | null;
}

@InputType({ description: 'Let pods go to a node again.' })
export class UncordonNodeInput extends CommandInput {}

@ObjectType({ description: 'The node after the command.' })
export class NodePayload extends CommandPayload {
  @Field(() => Node, { description: 'The node.' })
  node!: Node;
}
