import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { demoUsers } from '../../dist/embedded/issuer/demoUsers.js';
import { createFleet } from '../../dist/fleet/app.js';
import { readConfig } from '../../dist/fleet/config.js';
import { openDatabase } from '../../dist/platform/database/database.js';
import { createLog } from '../../dist/platform/telemetry/log.js';
import { countStatements } from '../../dist/test/testkit/countStatements.js';
import { dataOf } from './client.mjs';

/** Fleetgraph in this process on a new folder, with a count of the SQL statements that any work takes. */
export async function startCounted(folder) {
  const ports = { PORT: '0', ISSUER_PORT: '0', CLUSTER_PORT: '0' };
  const config = readConfig({ ...ports, FLEETGRAPH_DATA: folder });
  let count;
  const open = async () => {
    const counted = countStatements(await openDatabase(config.database));
    count = counted.count;
    return counted.database;
  };
  const fleet = await createFleet(config, createLog({ name: 'bench', level: 'silent' }), open);
  return {
    url: fleet.server.url,
    issuer: fleet.issuer,
    count: (work) => count(work),
    as: async (username) => runAs(fleet.core, await principalOf(fleet.core, username)),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}

const principalOf = ({ governance }, wanted) => {
  const { subject, username, name, email } = demoUsers.find((user) => user.username === wanted);
  return governance.calls.resolvePrincipal({ issuer: 'demo', subject, username, name, email });
};

/** What runs operations as somebody who sees what they have written, past HTTP. */
const runAs = ({ engine }, principal) => {
  let positions = {};
  return async (query, variables = {}) => {
    const requestId = randomUUID();
    const call = {
      principal,
      requestId,
      correlationId: requestId,
      positions,
      signal: AbortSignal.timeout(30_000),
    };
    const answer = await engine.execute({ query, variables }, call);
    positions = { ...positions, ...answer.positions };
    return dataOf(JSON.parse(answer.text));
  };
};
