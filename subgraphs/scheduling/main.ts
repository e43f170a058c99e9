import 'reflect-metadata';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createScheduling } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  name: 'scheduling',
  readConfig,
  start: (config, log) => startSubgraphProcess(config, createScheduling, log),
});
