import { expect } from 'vitest';
import { type Client, dataOf, newKey } from './fleet.js';

/** Shapes that many answers have. */
export type Money = { amount: string; currency: string };
export type Edges<Item> = { edges: { cursor: string; node: Item }[]; pageInfo: PageInfo };
type PageInfo = { hasNextPage: boolean; endCursor: string | null };

export type Me = { id: string; displayName: string; permissions: string[]; projects: Edges<{ key: string }> };

export const usd = (amount: string): Money => ({ amount, currency: 'USD' });

export const nodes = <Item>({ edges }: Edges<Item>): Item[] => edges.map(({ node }) => node);

/** Matches any text but the empty one. */
export const ID = expect.stringMatching(/./) as string;

/** What a trusted mutation answers, with a key of its own. Fails if it is refused. */
export const mutate = async <Data>(client: Client, name: string, input: object): Promise<Data> =>
  dataOf(await client.run<Data>(name, { input: { idempotencyKey: newKey(), ...input } }));

/** Who the client is for the API. */
export const whoIs = async (client: Client): Promise<Me> => dataOf(await client.run<{ me: Me }>('Me')).me;
