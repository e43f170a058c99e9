import type { EngineOptions } from './engine.js';
import { createPreparedDocuments, type Prepare } from './executor/preparedDocuments.js';
import { readSupergraph, type Supergraph } from './executor/supergraph.js';
import { startPlanner } from './planner/startPlanner.js';
import type { TransportPool } from './transportPool.js';
import type { Transports } from './transports/transport.js';

/** A supergraph with everything that serving it needs. It outlives its replacement until its last request is done. */
export interface ServedSupergraph {
  readonly supergraph: Supergraph;
  readonly transports: Transports;
  readonly prepare: Prepare;
  /** Keeps it open until the returned function is called. */
  use(): () => void;
  /** Closes it once nobody uses it; the promise ends then. */
  retire(): Promise<void>;
}

export async function serveSupergraph(
  supergraphSdl: string,
  options: EngineOptions,
  pool: TransportPool,
): Promise<ServedSupergraph> {
  const planner = await (options.startPlanner ?? startPlanner)(supergraphSdl);
  let supergraph: Supergraph;
  try {
    supergraph = readSupergraph(supergraphSdl, planner.consumerSchema, options.scalars);
  } catch (error) {
    await planner[Symbol.asyncDispose]();
    throw error;
  }
  const { subgraphs } = supergraph;
  let users = 0;
  let whenIdle: (() => void) | undefined;

  return {
    supergraph,
    transports: Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, pool.take(subgraph)])),
    prepare: createPreparedDocuments(supergraph, planner),
    use() {
      users += 1;
      return () => {
        users -= 1;
        if (users === 0) whenIdle?.();
      };
    },
    async retire() {
      if (users > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      await Promise.all([
        planner[Symbol.asyncDispose](),
        ...subgraphs.map((subgraph) => pool.give(subgraph)),
      ]);
    },
  };
}
