/** Drawn operations in all: half on the library, half on generated supergraphs, with and without faults. */
export const runs = Number(process.env['FLEETGRAPH_PROPERTY_RUNS'] ?? 600);

export const firstSeed = Number(process.env['FLEETGRAPH_PROPERTY_SEED'] ?? Date.now() % 1_000_000_000);

/** The planner is a library with gaps: it finds no plan for some rare `@requires` below entities of the same subgraph. */
export const UNPLANNED_MAX = 0.02;
