import type { Permission } from '../../contracts/permissions.js';
import { deadLetterResolver } from '../../platform/graphql/deadLetter.resolver.js';
import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import { QueueStandingResolver } from './eta/queueStanding.resolver.js';
import { JobResolver } from './job/job.resolver.js';
import { JobFeedsResolver } from './job/jobFeeds.resolver.js';
import { JobPlanResolver } from './job/jobPlan.resolver.js';
import { visibleJob } from './job/visibleJob.js';
import { ProjectResolver } from './project/project.resolver.js';
import { QueueResolver, visibleQueue } from './queue/queue.resolver.js';
import type { Context } from './context.js';

/** Scheduling's part of the graph. Needs neither database nor log. */
export const buildSchedulingSchema = () =>
  buildSubgraph({
    resolvers: [
      QueueResolver,
      QueueStandingResolver,
      JobResolver,
      JobPlanResolver,
      JobFeedsResolver,
      ProjectResolver,
      deadLetterResolver('scheduling', 'fleet:operate' satisfies Permission),
    ],
    references: {
      Queue: ({ id }, context: Context) => visibleQueue(id, context),
      Job: ({ id }, context: Context) => visibleJob(id, context),
      // What a stub's fields show is decided field by field.
      Project: ({ id }) => ({ id }),
    },
  });
