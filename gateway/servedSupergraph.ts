import { createDisposables } from '../platform/disposables.js';
import type { EngineOptions } from './engine.js';
import { createPreparedDocuments, type PreparedDocuments } from './executor/preparedDocuments.js';
import { readSupergraph, type Supergraph } from './executor/supergraph.js';
import { startPlanner } from './planner/startPlanner.js';
import type { TransportPool } from './transportPool.js';
import type { Transports } from './transports/transport.js';

/** A supergraph with everything that serving it needs. It outlives its replacement until its last request is done. */
export interface ServedSupergraph extends PreparedDocuments {
  readonly supergraph: Supergraph;
  readonly transports: Transports;
  /** Keeps the ways to the subgraphs open until the returned function is called. */
  use(): () => void;
  /** Keeps the planner running until the returned function is called. */
  usePlanner(): () => void;
  /**
   * Ends the planner once nobody waits for a plan, and closes everything once nobody uses it; the promise ends then. A
   * stream that stays open for days keeps connections, but no process.
   */
  retire(): Promise<void>;
}

/** Fails when it cannot be served, and leaves nothing behind. */
export async function serveSupergraph(
  supergraphSdl: string,
  options: EngineOptions,
  pool: TransportPool,
): Promise<ServedSupergraph> {
  const opened = createDisposables();
  try {
    const planner = opened.use(await (options.startPlanner ?? startPlanner)(supergraphSdl));
    const supergraph = readSupergraph(supergraphSdl, planner.consumerSchema, options.scalars);
    const transports = supergraph.subgraphs.map((subgraph) => {
      const transport = pool.take(subgraph);
      opened.use({ [Symbol.asyncDispose]: () => pool.give(subgraph) });
      return [subgraph.name, transport] as const;
    });
    const [plannings, uses] = [createUsers(), createUsers()];
    return {
      ...createPreparedDocuments(supergraph, planner),
      supergraph,
      transports: Object.fromEntries(transports),
      use: uses.enter,
      usePlanner: plannings.enter,
      async retire() {
        await plannings.gone();
        await planner[Symbol.asyncDispose]();
        await uses.gone();
        await opened[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

function createUsers() {
  let count = 0;
  let whenNone: (() => void) | undefined;
  return {
    enter() {
      count += 1;
      return () => {
        count -= 1;
        if (count === 0) whenNone?.();
      };
    },
    /** Resolves when the last one has left. */
    async gone(): Promise<void> {
      if (count > 0) await new Promise<void>((resolve) => (whenNone = resolve));
    },
  };
}
