import { spawn } from 'node:child_process';
import { startPostgres } from './postgres.js';

// What `npm run test:engines` runs: every test that needs a real engine, and then every test that has a database, on
// PostgreSQL. An engine that cannot start fails the run.
await using postgres = await startPostgres({ max_connections: '300' });
const env = { ...process.env, TEST_DATABASE_URL: postgres.url };
let failed = 0;
for (const project of ['engines', 'int']) {
  console.log(`\n== ${project}, with PostgreSQL at ${postgres.url}`);
  failed += (await vitest(project, env)) === 0 ? 0 : 1;
}
process.exitCode = failed === 0 ? 0 : 1;

function vitest(project: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('npx', ['vitest', 'run', '--project', project], { stdio: 'inherit', env: environment });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
