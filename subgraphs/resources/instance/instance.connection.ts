import {
  type Connection,
  connectionOf,
  type PageArgs,
  paginate,
} from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { Instance, toInstance } from './instance.type.js';

export const InstanceConnection = connectionOf(Instance, 'Instance');

/** A page of a project's instances, newest first. The caller has made sure that the viewer sees into the project. */
export const instancesOf = (
  projectId: string,
  args: PageArgs,
  { repositories: { instances } }: Context,
): Promise<Connection<Instance>> =>
  paginate(args, {
    read: (page) => instances.page(projectId, page),
    key: ({ id }) => id,
    toNode: toInstance,
    count: () => instances.count(projectId),
  });
