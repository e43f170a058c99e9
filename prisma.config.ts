import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

// Prisma's command line looks for a native engine before every command and downloads it from a host that
// many company networks block. tools/schema-engine.mjs answers in its place with the same engine as
// WebAssembly from npm. PRISMA_NATIVE_ENGINE=1 gives Prisma's own behaviour back.
if (!process.env.PRISMA_NATIVE_ENGINE) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(
    new URL('./tools/schema-engine.mjs', import.meta.url),
  );
  process.env.CHECKPOINT_DISABLE ??= '1';
}

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  // Only `prisma migrate` and `prisma db` read it; never validate, format or generate.
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://pglite/dev?dir=memory' },
});
