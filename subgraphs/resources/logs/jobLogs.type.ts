import { Field, Int, ObjectType } from 'type-graphql';
import { Cursor, DateTime } from '../../../platform/graphql/scalars.js';

@ObjectType({ description: 'A line that a job has printed.' })
export class JobLogLine {
  @Field(() => Cursor, { description: 'Where the feed goes on behind this line.' })
  cursor!: string;

  @Field(() => Int, { description: 'The attempt that printed it, counted from 1.' })
  attempt!: number;

  @Field(() => Int, { description: 'Which pod of the attempt printed it, counted from 0.' })
  pod!: number;

  @Field(() => DateTime, { description: 'When it was printed.' })
  at!: string;

  @Field(() => String, {
    description:
      'The line without its end, colours and other terminal sequences included. One of more than 16 KiB is cut, and says so.',
  })
  line!: string;

  @Field(() => Boolean, {
    description: 'Whether Fleetgraph says this about the log: the job did not print it.',
  })
  isNotice!: boolean;
}
