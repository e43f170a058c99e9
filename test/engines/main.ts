import { spawn } from 'node:child_process';
import { startPostgres } from './postgres.js';

// What `npm run test:engines` runs: every test that needs a real engine, one file at a time because each may start a whole
// control plane, and then every test that has a database, on PostgreSQL. An engine that cannot start fails the run.
await using postgres = await startPostgres({ max_connections: '300' });
const env = { ...process.env, TEST_DATABASE_URL: postgres.url };
let failed = 0;
for (const [project, ...options] of [['engines', '--maxWorkers=1'], ['int']] as const) {
  console.log(`\n== ${project}, with PostgreSQL at ${postgres.url}`);
  failed += (await vitest([project, ...options], env)) === 0 ? 0 : 1;
}
process.exitCode = failed === 0 ? 0 : 1;

function vitest(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('npx', ['vitest', 'run', '--project', ...args], { stdio: 'inherit', env: environment });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
