import { readConfig } from './config.js';
import { demoUsers } from './demoUsers.js';
import { createDevelopmentIssuer } from './issuer.js';

const developmentIssuer = await createDevelopmentIssuer({
  ...readConfig(process.env),
  users: demoUsers,
  onError: (error) => console.error(error),
});
console.log(`Development issuer at ${developmentIssuer.issuer} (no passwords, this machine only)`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void developmentIssuer.close());
