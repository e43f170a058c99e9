import 'reflect-metadata';
import { runProcess } from '../platform/server/runProcess.js';
import { readConfig } from './gatewayConfig.js';
import { startGatewayProcess } from './gatewayProcess.js';

await runProcess({ name: 'gateway', readConfig, start: startGatewayProcess });
