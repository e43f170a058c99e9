import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Cursor } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { type JobLogArgs, openJobLog } from './jobLog.feed.js';
import { JobLogLine } from './jobLogs.type.js';

type Subscribed = { args: JobLogArgs; context: Context };

@Resolver()
export class JobLogsResolver {
  @Subscription(() => [JobLogLine], {
    subscribe: ({ args, context }: Subscribed) => openJobLog(args, context),
    description:
      'What a job prints, attempt after attempt: from the first line that is kept, or behind a cursor, and then as it is printed; lines of several pods in the order in which they arrived. It ends when nothing can follow. Behind a cursor that is older than what is kept it ends with CURSOR_EXPIRED.',
  })
  jobLogs(
    @Root() lines: JobLogLine[],
    @Arg('id', () => ID, { description: 'The job.' }) _id: string,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this line, missing none.' })
    _after: string | null,
  ): JobLogLine[] {
    return lines;
  }
}
