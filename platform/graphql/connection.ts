import { type ClassType, Directive, Field, Int, ObjectType } from 'type-graphql';
import { badUserInput } from '../errors.js';

export const PAGE_MAX = 100;

@ObjectType({ description: 'Where a page of a list ends, and whether more follows.' })
@Directive('@shareable')
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there are items after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there are items before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Pass it as `after` to read the next page.' })
  endCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'The place of the first item of this page.' })
  startCursor!: string | null;
}

export type Connection<Node> = {
  edges: { cursor: string; node: Node }[];
  pageInfo: PageInfo;
  /** Asked for only when a client selects it. */
  totalCount: Promise<number> | number;
};

/** The Relay connection type of a node type, for the return type of list fields. */
export function connectionOf<Node extends object>(nodeType: ClassType<Node>, name: string) {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a list, with its place.` })
  class Edge {
    @Field(() => String, { description: 'The place of this item; pass it as `after` to go on behind it.' })
    cursor!: string;

    @Field(() => nodeType, { description: 'The item.' })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name} items (Relay connection).` })
  class ConnectionType {
    @Field(() => [Edge], { description: 'The items of this page, in the order of the list.' })
    edges!: Edge[];

    @Field(() => PageInfo, { description: 'Whether and where the list goes on.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'How many items the whole list has that you may see. Costs a count.' })
    totalCount!: number;
  }
  return ConnectionType;
}

export type PageArgs = { first: number; after?: string | null };

/**
 * Reads one page. `read` gets how many rows to take (one more than the page, to see whether more follow) and the key
 * after which to go on; keys are opaque text that orders the list uniquely, such as an id.
 */
export async function paginate<Row, Node>(
  { first, after }: PageArgs,
  options: {
    read: (page: { take: number; after: string | null }) => Promise<Row[]>;
    key: (row: Row) => string;
    toNode: (row: Row) => Node;
    count: () => Promise<number>;
  },
): Promise<Connection<Node>> {
  checkFirst(first);
  const rows = await options.read({ take: first + 1, after: after == null ? null : decodeKey(after) });
  const edges = rows.slice(0, first).map((row) => ({
    cursor: encodeKey(options.key(row)),
    node: options.toNode(row),
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    get totalCount() {
      return options.count();
    },
  };
}

export function checkFirst(first: number): void {
  if (first < 0 || first > PAGE_MAX)
    throw badUserInput([{ path: ['first'], message: `must be between 0 and ${PAGE_MAX}` }]);
}

const encodeKey = (key: string) => Buffer.from(`k:${key}`).toString('base64url');

function decodeKey(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (!text.startsWith('k:')) throw badUserInput([{ path: ['after'], message: 'is no cursor of this list' }]);
  return text.slice(2);
}
