import { DEMO_SECONDS, playDemo } from './demo.js';
import { createScreen } from './screen.js';

// What `npm run demo` runs: the whole of Fleetgraph in two minutes, against a running server.
const { env, stdout } = process;
const url = env['FLEETGRAPH_URL'] ?? `http://127.0.0.1:${env['PORT'] || 4000}`;
const terminal = stdout.isTTY;
const breakOff = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => breakOff.abort());

using screen = createScreen(stdout, {
  terminal,
  colours: terminal && !env['NO_COLOR'],
  totalSeconds: DEMO_SECONDS,
});
process.exitCode = (await playDemo({ url, env, screen, signal: breakOff.signal })) ? 0 : 1;
