import { defineConfig } from 'vite';

/** Builds the page into the compiled gateway, which serves it under this base. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/graphiql/',
  // Says nothing of directives for servers that libraries carry.
  logLevel: 'error',
  worker: { format: 'es' },
  build: {
    outDir: '../../../dist/gateway/http/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    // The editor is large; it is loaded once and from this machine.
    chunkSizeWarningLimit: 10_000,
    reportCompressedSize: false,
  },
});
