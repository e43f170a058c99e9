import 'reflect-metadata';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createModels } from './app.js';
import { readConfig } from './config.js';

await runProcess({
  name: 'models',
  readConfig,
  start: (config, log) => startSubgraphProcess(config, createModels, log),
});
