import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, isAbstractType, isObjectType, parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { SubgraphResponse, Transport } from '../../../gateway/transports/transport.js';
import { createInProcessTransport } from '../../../gateway/transports/inProcess.js';
import { randomFor } from './random.js';
import { DrawnFault, identityOf, selectRequired, type Thing, type World } from './world.js';

/** A subgraph's schema whose resolvers read the world that comes as context. */
export function buildDrawnSubgraph(name: string, sdl: string): GraphQLSchema {
  const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: {} });
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = (value: Thing) => value.__typename;
    if (!isObjectType(type) || type.name.startsWith('_')) continue;
    type.extensions = {
      ...type.extensions,
      apollo: { subgraph: { resolveReference: referenceResolver(name, type.name) } },
    };
    for (const field of Object.values(type.getFields())) {
      if (field.name.startsWith('_')) continue;
      field.resolve = (source: Thing | undefined, args, world: World) => {
        const identity = source?.identity ?? '';
        const selection = world.ownership.requiresOf(name, type.name, field.name);
        const told = selection && selectRequired(selection, readField, source?.representation);
        const at = { subgraph: name, type: type.name, identity, field: field.name };
        if (world.fieldFails(at, isNullable(String(field.type))))
          throw new DrawnFault(`${type.name}.${field.name} failed`);
        return world.value({ ...at, args }, field.type, told);
      };
    }
  }
  return schema;
}

const isNullable = (type: string) => !type.endsWith('!');

const readField = (parent: unknown, field: string) => (parent as Record<string, unknown>)[field];

function referenceResolver(subgraph: string, type: string) {
  // Asynchronous, because the library lets an error that is thrown at once fail the whole list.
  return async (
    representation: Record<string, unknown>,
    { ownership, entityFault }: World,
  ): Promise<Thing | null> => {
    const identity = identityOf(representation, (field) => ownership.isKey(type, field));
    const fault = entityFault(subgraph, type, identity);
    if (fault === 'throws') throw new DrawnFault(`${type} ${identity} failed`);
    return fault === 'null' ? null : { __typename: type, identity, origin: subgraph, representation };
  };
}

const documents = new Map<string, DocumentNode>();

function parseOnce(text: string): DocumentNode {
  const known = documents.get(text) ?? parse(text, { noLocation: true });
  if (documents.size > 10_000) documents.clear();
  documents.set(text, known);
  return known;
}

/** A transport into the drawn subgraph; `world` tells which data and faults hold for the call under way. */
export function connectDrawn(name: string, schema: GraphQLSchema, world: () => World): Transport {
  return createInProcessTransport({
    async execute({ document, variables }) {
      const { faults } = world();
      if (faults.lost.has(name)) return lose(name, document);
      const answer = await execute({
        schema,
        document: parseOnce(document),
        variableValues: variables,
        contextValue: world(),
      });
      return JSON.parse(JSON.stringify(answer)) as SubgraphResponse;
    },
    subscribe() {
      throw new Error('the drawn worlds have no subscriptions');
    },
  });
}

/** The ways in which an answer of a whole subgraph can be missing. */
function lose(name: string, document: string): SubgraphResponse {
  switch (randomFor(name + document).int(4)) {
    case 0:
      return { errors: [{ message: 'no data', extensions: { code: 'DRAWN' } }] };
    case 1:
      return { data: null, errors: [{ message: 'connect ECONNREFUSED 10.0.0.7:4001' }] };
    case 2:
      return {};
    default:
      throw new Error('connect ECONNREFUSED 10.0.0.7:4001');
  }
}
