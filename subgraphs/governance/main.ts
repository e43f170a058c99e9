import 'reflect-metadata';
import { runProcess } from '../../platform/server/runProcess.js';
import { startSubgraphProcess } from '../../platform/server/subgraphProcess.js';
import { createGovernance, type Governance } from './app.js';
import { type Config, readConfig } from './config.js';

await runProcess({
  name: 'governance',
  readConfig,
  start: (config, log) =>
    startSubgraphProcess(
      config,
      async (deps) => {
        const governance = await createGovernance(deps);
        await found(governance, config);
        return governance;
      },
      log,
    ),
});

/** Somebody must be able to give the first right. */
async function found(governance: Governance, { founding }: Config): Promise<void> {
  if (!founding) return;
  const { organisation, administrator: username } = founding;
  const administrator = { username, displayName: username, email: null, roles: [{ role: 'OrgAdmin' }] };
  await governance.bootstrap({ organisation, users: [administrator] });
}
