import { type Client as SocketClient, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { decodeCursor } from '../../platform/feed/cursor.js';
import { operation } from './operations.js';
import type { randomsOf } from './randoms.js';

/** Some connections are cut while they open, the others after as many items, or as long after their first. */
const ITEMS_MAX = 4;
const OPENING_MS = 30;
const OPEN_MS = 250;

/** A feed by the trusted document that opens it, and the context whose events it tells. */
export type CutFeed = {
  name: string;
  /** The subscription's field. */
  field: string;
  variables: object;
  context: string;
  /** Where it begins; null for now. */
  after: string | null;
  /** Whether there is no more to come, given the newest place that was seen. */
  isOver: (newest: bigint | undefined) => Promise<boolean>;
};

/** Readers of feeds whose connections are cut at random, as a network does it, again and again. */
export function createCutFeeds(options: {
  url: string;
  token: string;
  randoms: ReturnType<typeof randomsOf>;
}) {
  const { below } = options.randoms;
  const open = new Set<{ cut: () => void }>();
  let cuts = 0;

  return {
    /** How often a connection was cut so far. */
    cuts: () => cuts,
    cutAll: () => open.forEach((connection) => connection.cut()),

    /** Follows a feed to its end over connections that do not last, and answers with the places of what it saw. */
    async watch(feed: CutFeed): Promise<bigint[]> {
      const seen: bigint[] = [];
      let cursor = feed.after;
      while (!(await feed.isOver(seen.at(-1)))) {
        let left = below(ITEMS_MAX);
        const connection = connect(options, below(4) === 0 ? below(OPENING_MS) : null);
        open.add(connection);
        try {
          for await (const item of connection.items(feed, cursor)) {
            if (!connection.wasCut()) setTimeout(connection.cut, below(OPEN_MS));
            cursor = item.cursor;
            seen.push(decodeCursor(feed.context, item.cursor));
            if (left-- === 0) connection.cut();
          }
        } catch (error) {
          if (!connection.wasCut()) throw error;
        }
        open.delete(connection);
        cuts += 1;
      }
      return seen;
    },
  };
}

/** A connection that is cut without a word: when told to, or soon after it begins to open. */
function connect({ url, token }: { url: string; token: string }, openingMs: number | null) {
  let socket: WebSocket | null = null;
  let wasCut = false;
  const cut = () => {
    wasCut = true;
    socket?.terminate();
  };
  const opened = (opening: WebSocket) => {
    socket = opening;
    if (wasCut) queueMicrotask(cut);
    if (openingMs !== null) setTimeout(cut, openingMs);
  };
  class Socket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      opened(this);
    }
  }
  const client: SocketClient = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Socket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  return {
    wasCut: () => wasCut,
    cut,
    async *items({ name, field, variables }: CutFeed, after: string | null) {
      const payload = { query: operation(name), variables: { ...variables, after } };
      for await (const { data } of client.iterate<Record<string, { cursor: string }>>(payload)) {
        const item = data?.[field];
        if (item) yield item;
      }
    },
  };
}
