import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';

export const SIGNING_ALGORITHM = 'ES256';

/** What the issuer must remember so that tokens and logins outlive a restart. */
export interface IssuerSecrets {
  readonly signingKey: JWK;
  readonly cookieKeys: readonly string[];
}

const StoredSecrets = z.object({
  signingKey: z.object({
    kty: z.string(),
    crv: z.string(),
    x: z.string(),
    y: z.string(),
    d: z.string(),
    kid: z.string(),
  }),
  cookieKeys: z.array(z.string().min(32)).min(1),
});

/** Reads the secrets from `issuer.json` in the folder, which only its owner can read, or makes them there once. */
export async function readIssuerSecrets(dataDir: string): Promise<IssuerSecrets> {
  const path = join(dataDir, 'issuer.json');
  const stored = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (stored === null) return createSecrets(dataDir, path);
  await chmod(path, 0o600);
  return StoredSecrets.parse(JSON.parse(stored));
}

async function createSecrets(dataDir: string, path: string): Promise<IssuerSecrets> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const kid = randomBytes(8).toString('hex');
  const secrets: IssuerSecrets = {
    signingKey: { ...(await exportJWK(privateKey)), kid, alg: SIGNING_ALGORITHM, use: 'sig' },
    cookieKeys: [randomBytes(32).toString('base64url')],
  };
  await mkdir(dataDir, { recursive: true });
  // Written beside and renamed, so that a crash leaves either no file or a whole one.
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, 'w', 0o600);
  await file.writeFile(JSON.stringify(secrets));
  await file.sync();
  await file.close();
  await rename(draft, path);
  return secrets;
}
