import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { type GraphQLSchema, lexicographicSortSchema, parse } from 'graphql';
import { type BuildSchemaOptions, buildSchema, createResolversMap, type PubSub } from 'type-graphql';

export type ReferenceResolver = (
  reference: { id: string } & Record<string, unknown>,
  context: never,
) => unknown;

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@override", "@tag"])`;

/** type-graphql asks for one even where every subscription brings its own `subscribe`. */
const noPubSub: PubSub = {
  publish: () => {
    throw new Error('Feeds read the event log; nothing is published here');
  },
  subscribe: () => {
    throw new Error('Feeds read the event log; nothing is subscribed here');
  },
};

/**
 * A subgraph's schema from its resolvers, and its SDL as it is checked in. `references` resolve entities by their keys;
 * what the viewer may not see must come back as null.
 */
export async function buildSubgraph(options: {
  resolvers: BuildSchemaOptions['resolvers'];
  orphanedTypes?: BuildSchemaOptions['orphanedTypes'];
  references?: Readonly<Record<string, ReferenceResolver>>;
}): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const plain = await buildSchema({
    resolvers: options.resolvers,
    ...(options.orphanedTypes && { orphanedTypes: options.orphanedTypes }),
    validate: { forbidUnknownValues: false },
    skipCheck: true,
    pubSub: noPubSub,
  });
  const sdl = `${LINK}\n\n${printSchemaWithDirectives(lexicographicSortSchema(plain))}\n`;
  const resolvers = createResolversMap(plain) as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(options.references ?? {}))
    resolvers[type] = { ...resolvers[type], __resolveReference: resolve };
  const typeDefs = parse(sdl);
  return { schema: buildSubgraphSchema({ typeDefs, resolvers: resolvers as never }), sdl };
}
