/** Drawn operations in all: half on the library, half on generated supergraphs, with and without faults. */
export const runs = Number(process.env['FLEETGRAPH_PROPERTY_RUNS'] ?? 600);

export const firstSeed = Number(process.env['FLEETGRAPH_PROPERTY_SEED'] ?? Date.now() % 1_000_000_000);

/**
 * The planner is a library with gaps: it finds no plan for some rare `@requires` below entities of the same subgraph.
 * One drawn supergraph may hold several, so a short run is allowed more of them.
 */
export const unplannedMax = (operations: number) => Math.max(10, operations * 0.02);
