import { composeServices } from '@theguild/federation-composition';
import { buildSchema, parse, validate, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { createEngine } from '../../../gateway/createEngine.js';
import type { Engine } from '../../../gateway/engine.js';
import { difference } from './compare.js';
import { startLocalPlanner } from './localPlanner.js';
import { drawOperation, type DrawnOperation } from './operations.js';
import { createRandom } from './random.js';
import { executeMerged } from './reference.js';
import { buildDrawnSubgraph, connectDrawn } from './subgraphs.js';
import { createWorld, type Faults, type World } from './world.js';

/** A supergraph served by the engine over drawn subgraphs, and the same subgraphs merged into one schema. */
export interface Federation {
  /** Runs one drawn operation in both and compares. Fails with everything that is needed to see why they differ. */
  compare(
    seed: number,
    faults: (random: ReturnType<typeof createRandom>) => Faults,
  ): Promise<'agreed' | 'unplanned'>;
  [Symbol.asyncDispose](): Promise<void>;
}

export function compose(sdls: Readonly<Record<string, string>>): string {
  const composed = composeServices(
    Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })),
  );
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}

export async function startFederation(sdls: Readonly<Record<string, string>>): Promise<Federation> {
  const subgraphs = Object.fromEntries(
    Object.entries(sdls).map(([name, sdl]) => [name, buildDrawnSubgraph(name, sdl)]),
  );
  let world: World | undefined;
  const current = (): World => {
    if (!world) throw new Error('no world is drawn');
    return world;
  };
  const engine = await createEngine({
    supergraphSdl: compose(sdls),
    startPlanner: startLocalPlanner,
    connect({ name }) {
      const schema = subgraphs[name];
      if (!schema) throw new Error(`no subgraph ${name}`);
      return connectDrawn(name, schema, current);
    },
  });
  const merged = buildSchema(engine.apiSdl);

  return {
    async compare(seed, drawFaults) {
      const random = createRandom(seed);
      world = createWorld(seed, sdls, drawFaults(random));
      const operation = drawValid(merged, random, world);
      const expected = executeMerged(merged, subgraphs, world, {
        document: parse(operation.query),
        variables: operation.variables,
      });
      const actual = await run(engine, operation);
      if (actual.errors?.[0]?.extensions?.['code'] === 'PLANNING_FAILED') return 'unplanned';
      const found = difference(expected, actual);
      if (found) throw new Error(explain(seed, operation, found, expected, actual));
      return 'agreed';
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

/** With whole subgraphs at fault it must be certain who would be asked: fields that several could answer are left out. */
function drawValid(
  schema: GraphQLSchema,
  random: ReturnType<typeof createRandom>,
  world: World,
): DrawnOperation {
  const { ownership, faults } = world;
  const certain = (type: string, field: string) =>
    !ownership.entities.has(type) ||
    ownership.isKey(type, field) ||
    (ownership.ownersOf(type, field).length === 1 && !ownership.isProvided(type, field));
  const anyField = faults.lost.size === 0 && faults.entityRate === 0;
  for (;;) {
    const operation = drawOperation(schema, random, anyField ? () => true : certain);
    if (validate(schema, parse(operation.query)).length === 0) return operation;
  }
}

async function run(engine: Engine, { query, variables }: DrawnOperation): Promise<ExecutionResult> {
  const { text } = await engine.execute(
    { query, variables },
    {
      principal: null,
      requestId: 'drawn',
      correlationId: 'drawn',
      positions: {},
      signal: new AbortController().signal,
    },
  );
  return JSON.parse(text) as ExecutionResult;
}

function explain(
  seed: number,
  { query, variables }: DrawnOperation,
  found: string,
  expected: ExecutionResult,
  actual: ExecutionResult,
): string {
  return [
    `seed ${seed}: ${found}`,
    query,
    JSON.stringify(variables),
    JSON.stringify(expected),
    JSON.stringify(actual),
  ].join('\n');
}
