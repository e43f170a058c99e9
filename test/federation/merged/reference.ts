import {
  execute,
  isNonNullType,
  isObjectType,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { DrawnFault, selectRequired, type Thing, type World } from './world.js';

/**
 * The same world behind one merged schema, executed by graphql-js alone: what a federated answer must equal.
 * It knows which subgraph a field would come from only to know which faults it meets on the way.
 */
export function executeMerged(
  schema: GraphQLSchema,
  subgraphs: Readonly<Record<string, GraphQLSchema>>,
  world: World,
  request: { document: DocumentNode; variables: Record<string, unknown>; operationName?: string },
): ExecutionResult {
  const result = execute({
    schema,
    document: request.document,
    variableValues: request.variables,
    contextValue: { world, subgraphs },
    fieldResolver: (source: Thing | undefined, args, context: Context, { parentType, fieldName }) =>
      resolveField(
        source ?? { __typename: parentType.name, identity: '', origin: '' },
        fieldName,
        args,
        context,
      ),
    typeResolver: (value: Thing) => value.__typename,
  });
  if (result instanceof Promise) throw new Error('the merged schema resolves at once');
  return result;
}

interface Context {
  readonly world: World;
  readonly subgraphs: Readonly<Record<string, GraphQLSchema>>;
}

const ROOTS = new Set(['Query', 'Mutation']);

function resolveField(
  parent: Thing,
  field: string,
  args: Record<string, unknown>,
  context: Context,
): unknown {
  const { world, subgraphs } = context;
  const { ownership, faults } = world;
  const { __typename: type, identity, origin } = parent;
  const owners = ownership.ownersOf(type, field);
  const subgraph = owners.includes(origin) ? origin : owners[0];
  if (subgraph === undefined) throw new Error(`nobody owns ${type}.${field}`);
  const selection = ownership.requiresOf(subgraph, type, field);
  const byReference =
    ownership.entities.has(type) &&
    !ownership.isKey(type, field) &&
    (subgraph !== origin || selection !== undefined);

  const told =
    selection &&
    selectRequired(selection, (from, name) => resolveField(from as Thing, name, {}, context), parent);
  const fetchedFromLost = (byReference || ROOTS.has(type)) && faults.lost.has(subgraph);
  if (fetchedFromLost) throw new DrawnFault(`${subgraph} is lost`);
  if (byReference && world.entityFault(subgraph, type, identity)) throw new DrawnFault('no such entity');

  const fieldType = typeOf(subgraphs[subgraph], type, field);
  if (world.fieldFails({ subgraph, type, identity, field }, !isNonNullType(fieldType)))
    throw new DrawnFault('field failed');
  return world.value({ subgraph, type, identity, field, args }, fieldType, told);
}

function typeOf(schema: GraphQLSchema | undefined, type: string, field: string): GraphQLOutputType {
  const named = schema?.getType(type);
  const definition = isObjectType(named) ? named.getFields()[field] : undefined;
  if (!definition) throw new Error(`no field ${type}.${field}`);
  return definition.type;
}
