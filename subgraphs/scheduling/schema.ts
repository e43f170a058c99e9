import type { Permission } from '../../contracts/permissions.js';
import { deadLetterResolver } from '../../platform/graphql/deadLetter.resolver.js';
import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import { JobResolver, visibleJob } from './job/job.resolver.js';
import { ProjectResolver } from './project/project.resolver.js';
import { QueueResolver, visibleQueue } from './queue/queue.resolver.js';
import type { Context } from './context.js';

/** Scheduling's part of the graph. Needs neither database nor log. */
export const buildSchedulingSchema = () =>
  buildSubgraph({
    resolvers: [
      QueueResolver,
      JobResolver,
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
