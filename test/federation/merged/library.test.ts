import { expect, test } from 'vitest';
import { startFederation } from './federation.js';
import { library } from './library.js';
import type { Random } from './random.js';
import { firstSeed, runs, unplannedMax } from './runs.js';
import { noFaults, type Faults } from './world.js';

const kinds: Record<string, (random: Random) => Faults> = {
  'without faults': () => noFaults,
  'with failing fields': () => ({ ...noFaults, fieldRate: 0.15 }),
  'with entities that are not known': () => ({ ...noFaults, entityRate: 0.25, fieldRate: 0.05 }),
  'with subgraphs that are lost': (random) => ({
    ...noFaults,
    fieldRate: 0.05,
    lost: new Set(Object.keys(library).filter(() => random.chance(0.3))),
  }),
};

test.each(Object.entries(kinds))(
  'random operations on the library agree with graphql-js on one merged schema, %s',
  { timeout: 3_600_000 },
  async (kind, faults) => {
    await using federation = await startFederation(library);
    let unplanned = 0;
    const operations = Math.ceil(runs / 8);
    for (let run = 0; run < operations; run++)
      if ((await federation.compare(firstSeed + run, faults)) === 'unplanned') unplanned += 1;
    console.info(`${operations} operations ${kind} from seed ${firstSeed}; the planner refused ${unplanned}`);
    expect(unplanned).toBeLessThanOrEqual(unplannedMax(operations));
  },
);
