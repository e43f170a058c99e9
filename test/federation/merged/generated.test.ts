import { expect, test } from 'vitest';
import { startFederation } from './federation.js';
import { drawSubgraphs } from './generated.js';
import { createRandom } from './random.js';
import { firstSeed, runs, unplannedMax } from './runs.js';
import { noFaults, type Faults } from './world.js';

const OPERATIONS_PER_SUPERGRAPH = 50;

const kinds = {
  'without faults': { secondKeys: true, faults: () => noFaults },
  'with failing fields': { secondKeys: true, faults: () => ({ ...noFaults, fieldRate: 0.12 }) },
  'with entities that are not known and subgraphs that are lost': {
    secondKeys: false,
    faults: (random: ReturnType<typeof createRandom>): Faults => ({
      fieldRate: 0.05,
      entityRate: 0.1,
      lost: new Set(['s0', 's1', 's2', 's3', 's4'].filter(() => random.chance(0.15))),
    }),
  },
};

test.each(Object.entries(kinds))(
  'random operations on generated supergraphs agree with graphql-js on one merged schema, %s',
  { timeout: 3_600_000 },
  async (name, { secondKeys, faults }) => {
    const supergraphs = Math.ceil(runs / OPERATIONS_PER_SUPERGRAPH / 6);
    let unplanned = 0;
    for (let index = 0; index < supergraphs; index++) {
      const seed = firstSeed + index * 1_000_003;
      await using federation = await startFederation(drawSubgraphs(createRandom(seed), { secondKeys }));
      for (let run = 0; run < OPERATIONS_PER_SUPERGRAPH; run++)
        if ((await federation.compare(seed + run, faults)) === 'unplanned') unplanned += 1;
    }
    const operations = supergraphs * OPERATIONS_PER_SUPERGRAPH;
    console.info(
      `${operations} operations on ${supergraphs} supergraphs ${name} from seed ${firstSeed}; the planner refused ${unplanned}`,
    );
    expect(unplanned).toBeLessThanOrEqual(unplannedMax(operations));
  },
);
