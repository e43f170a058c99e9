// Everything that can be wrong without running the program: format, lint, types, and generated files that drifted.
import { spawnSync } from 'node:child_process';

const steps = [
  ['set-up', 'node', ['scripts/setup.mjs']],
  ['format', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', 'npx', ['oxlint', '--type-aware', '--deny-warnings']],
  ['types', 'npx', ['tsc', '-p', '.']],
  ['types of GraphiQL', 'npx', ['tsc', '-p', 'gateway/http/graphiql']],
  ['schema drift', 'node', ['dist/fleet/schemaMain.js', '--check']],
  [
    'database drift',
    'npx',
    [
      'prisma',
      'migrate',
      'diff',
      '--from-migrations',
      'prisma/migrations',
      '--to-schema',
      'prisma/schema',
      '--exit-code',
    ],
  ],
];

let failed = 0;
for (const [name, command, args] of steps) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed++;
    process.stdout.write(stdout);
    process.stderr.write(stderr);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
