import type { EngineOptions } from './engine.js';
import { observeTransport } from './transports/observed.js';
import type { Transport } from './transports/transport.js';

interface Entry {
  readonly transport: Transport;
  users: number;
}

/** Keeps one transport for each subgraph across reloads of the supergraph, and closes it with its last user. */
export function createTransportPool(connect: EngineOptions['connect']) {
  const entries = new Map<string, Entry>();

  return {
    take(subgraph: { name: string; url: string }): Transport {
      const key = keyOf(subgraph);
      const entry = entries.get(key) ?? {
        transport: observeTransport(subgraph.name, connect(subgraph)),
        users: 0,
      };
      entry.users += 1;
      entries.set(key, entry);
      return entry.transport;
    },
    async give(subgraph: { name: string; url: string }): Promise<void> {
      const key = keyOf(subgraph);
      const entry = entries.get(key);
      if (!entry) return;
      entry.users -= 1;
      if (entry.users > 0) return;
      entries.delete(key);
      await entry.transport[Symbol.asyncDispose]();
    },
  };
}

export type TransportPool = ReturnType<typeof createTransportPool>;

const keyOf = ({ name, url }: { name: string; url: string }) => `${name} ${url}`;
