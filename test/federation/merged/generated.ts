import { LINK } from './library.js';
import type { Random } from './random.js';

/** What a generated supergraph may hold. */
export interface Shape {
  /** Entities with a second key, which some subgraphs know alone: the way there leads through a third. */
  readonly secondKeys: boolean;
}

interface Entity {
  readonly name: string;
  readonly home: string;
  readonly hasCode: boolean;
  /** Nullable leaf fields by the subgraph that owns them: others may require them. */
  readonly leaves: { subgraph: string; name: string; type: string }[];
  /** The lines of its definition in each subgraph. */
  readonly parts: Map<string, string[]>;
}

const LEAVES = ['Int', 'Float', 'Boolean', 'String', 'Level'];
const ARGUMENTS = ['(n: Int)', '(level: Level = LOW)', '(flag: Boolean! = true, n: Int)'];

/** Draws subgraphs that compose: each field has one owner, every entity can be reached from everywhere. */
export function drawSubgraphs(random: Random, { secondKeys }: Shape): Record<string, string> {
  const subgraphs = Array.from({ length: 3 + random.int(3) }, (_, index) => `s${index}`);
  const entities = Array.from({ length: 3 + random.int(3) }, (_, index): Entity => {
    const home = random.pick(subgraphs);
    return {
      name: `E${index}`,
      home,
      hasCode: secondKeys && random.chance(0.4),
      leaves: [],
      parts: new Map([[home, []]]),
    };
  });
  let fields = 0;
  const nextName = () => `f${fields++}`;

  /** The entity's definition in the subgraph; it is made where it was not known yet. */
  function partOf(entity: Entity, subgraph: string): string[] {
    const part = entity.parts.get(subgraph) ?? [];
    entity.parts.set(subgraph, part);
    return part;
  }

  function wrapped(type: string): string {
    const strict = () => (random.chance(0.3) ? '!' : '');
    if (random.chance(0.6)) return type + strict();
    const list = `[${type}${strict()}]`;
    return (random.chance(0.25) ? `[${list}${strict()}]` : list) + strict();
  }

  function composite(subgraph: string): string {
    const choice = random.int(10);
    if (choice < 2) return 'Value';
    if (choice < 4) return 'Node';
    if (choice < 6) return `Any_${subgraph}`;
    const entity = random.pick(entities);
    partOf(entity, subgraph);
    return entity.name;
  }

  function addField(entity: Entity, subgraph: string): void {
    const name = nextName();
    const part = partOf(entity, subgraph);
    const given = random.chance(0.25) ? random.pick(ARGUMENTS) : '';
    if (random.chance(0.4)) {
      part.push(`${name}${given}: ${wrapped(composite(subgraph))}`);
      return;
    }
    const type = random.pick(LEAVES);
    const required = entity.leaves.filter((leaf) => leaf.subgraph !== subgraph);
    if (required.length > 0 && random.chance(0.35)) {
      const leaf = random.pick(required);
      const external = `${leaf.name}: ${leaf.type} @external`;
      if (!part.includes(external)) part.push(external);
      part.push(`${name}${given}: ${wrapped(type)} @requires(fields: "${leaf.name}")`);
      return;
    }
    const leafType = random.chance(0.5) ? type : wrapped(type);
    part.push(`${name}${given}: ${leafType}`);
    if (!given && !leafType.endsWith('!')) entity.leaves.push({ subgraph, name, type: leafType });
  }

  for (const entity of entities) {
    for (const subgraph of subgraphs) {
      if (subgraph !== entity.home && random.chance(0.4)) continue;
      for (let count = 1 + random.int(4); count > 0; count--) addField(entity, subgraph);
    }
  }
  const roots = new Map(
    subgraphs.map((subgraph) => [
      subgraph,
      {
        queries: Array.from(
          { length: 1 + random.int(3) },
          () => `${nextName()}${rootArguments()}: ${wrapped(composite(subgraph))}`,
        ),
        mutations: random.chance(0.5) ? [`${nextName()}(n: Int): ${wrapped(composite(subgraph))}`] : [],
      },
    ]),
  );
  function rootArguments(): string {
    return random.chance(0.3) ? random.pick(ARGUMENTS) : '';
  }
  return Object.fromEntries(
    subgraphs.map((subgraph) => [subgraph, print(subgraph, roots.get(subgraph), entities)]),
  );
}

function print(
  subgraph: string,
  roots: { queries: readonly string[]; mutations: readonly string[] } | undefined,
  entities: readonly Entity[],
): string {
  const present = entities.filter(({ parts }) => parts.has(subgraph));
  // A subgraph that returns interfaces or unions needs a type to put there.
  const members = present.length > 0 ? present.map(({ name }) => name).join(' | ') : 'Value';
  const types = present.map(({ name, home, hasCode, parts }) => {
    const keys = !hasCode ? ['id'] : subgraph === home ? ['id', 'code'] : ['code'];
    const directives = keys.map((key) => `@key(fields: "${key}")`).join(' ');
    const isNode = keys.includes('id');
    const own = [...keys.map((key) => `${key}: ID!`), ...(parts.get(subgraph) ?? [])];
    return `type ${name}${isNode ? ' implements Node' : ''} ${directives} { ${own.join(' ')} }`;
  });
  return [
    LINK,
    `type Query { ${roots?.queries.join(' ')} }`,
    roots && roots.mutations.length > 0 ? `type Mutation { ${roots.mutations.join(' ')} }` : '',
    'interface Node { id: ID! }',
    // Something is a node in every subgraph.
    `type Leaf_${subgraph} implements Node { id: ID! deep: [[Int]] value: Value }`,
    `union Any_${subgraph} = Leaf_${subgraph} | ${members}`,
    'type Value @shareable { amount: Float level: Level! inner: Value }',
    'enum Level { LOW MIDDLE HIGH }',
    ...types,
  ].join('\n');
}
