import type { JobEvent } from '../../../contracts/scheduling.events.js';
import { notFound } from '../../../platform/errors.js';
import { decodeCursor } from '../../../platform/feed/cursor.js';
import { entityFeed, type FeedItem } from '../../../platform/feed/entityFeed.js';
import { projectFeed } from '../../../platform/feed/projectFeed.js';
import type { Context } from '../context.js';
import { maySeeContents } from '../visibility.js';
import type { JobState } from './job.js';
import { jobAggregate } from './job.projection.js';
import { toJob } from './job.type.js';
import type { JobFeedItem } from './jobPayload.type.js';
import { visibleJob } from './visibleJob.js';

/** The life of one job, from how it stands now or from behind a cursor. Refused at once for who may not see it. */
export async function openJobStatus(
  { id, after }: { id: string; after: string | null },
  context: Context,
): Promise<AsyncIterable<JobFeedItem>> {
  const { store, tails, call } = context;
  if (after !== null) decodeCursor(store.context, after);
  if (!(await visibleJob(id, context))) throw notFound('Job', id);
  const tail = await tails(store.context);
  const items = entityFeed({ store, tail, aggregate: jobAggregate, id, after, signal: call.signal });
  return toFeedItems(items, context);
}

/** What happens to all jobs of a project, from now on or from behind a cursor. Refused at once for who may not see it. */
export async function openJobEvents(
  { projectId, after }: { projectId: string; after: string | null },
  context: Context,
): Promise<AsyncIterable<JobFeedItem>> {
  const { store, tails, call, principal } = context;
  if (after !== null) decodeCursor(store.context, after);
  if (!maySeeContents(principal, projectId)) throw notFound('Project', projectId);
  const tail = await tails(store.context);
  const items = projectFeed({ store, tail, aggregate: jobAggregate, projectId, after, signal: call.signal });
  return toFeedItems(items, context);
}

async function* toFeedItems(
  items: AsyncIterable<FeedItem<JobState, JobEvent>>,
  context: Context,
): AsyncGenerator<JobFeedItem> {
  for await (const { cursor, event, entity } of items) {
    // What the loaders have read is as old as the item before.
    context.forget();
    const type = event?.type ?? 'SNAPSHOT';
    yield { cursor, type, at: event?.occurredAt ?? entity.updatedAt, job: toJob(entity) };
  }
}
