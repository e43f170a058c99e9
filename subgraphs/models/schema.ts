import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import type { Context } from './context.js';
import { ProjectResolver } from './project/project.resolver.js';
import { RegisteredModelResolver, visibleModel } from './registeredModel/registeredModel.resolver.js';

/** The part of the graph that is about models. Needs neither database nor log. */
export const buildModelsSchema = () =>
  buildSubgraph({
    resolvers: [RegisteredModelResolver, ProjectResolver],
    references: {
      RegisteredModel: ({ id }, context: Context) => visibleModel(id, context),
      // What a stub's fields show is decided field by field.
      Project: ({ id }) => ({ id }),
    },
  });
