import { spawnSync } from 'node:child_process';
import { projectRoot } from '../../platform/compiled.js';

/**
 * The faults in full, where `npm test` and `npm run test:engines` go through a share of them. A seed of a run that failed
 * (it is in the failure's text) repeats it: TEST_SEED=….
 */
const projects = ['int', 'e2e', 'engines'].flatMap((project) => ['--project', project]);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...projects, 'test/faults', 'test/federation/readModels'],
  {
    cwd: projectRoot,
    stdio: 'inherit',
    env: {
      FAULTS: 'all',
      KILLS: '50',
      FLEET_KILLS: '20',
      ORDER_EVENTS: '1000000',
      COMMANDS: '2000',
      ...process.env,
    },
  },
);
process.exitCode = status ?? 1;
