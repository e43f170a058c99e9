import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder: where package.json lies, seen from the sources as well as from the build. */
export const projectRoot = fileURLToPath(
  new URL(import.meta.url.includes('/dist/platform/') ? '../../' : '../', import.meta.url),
);

/**
 * The compiled JavaScript file beside a module, for starting it as a process of its own: Node cannot run our
 * TypeScript. In a build that is the file itself; under the test runner it is its counterpart in dist/.
 */
export function compiledPath(importMetaUrl: string, specifier: string): string {
  const path = fileURLToPath(new URL(specifier, importMetaUrl));
  const inProject = relative(projectRoot, path);
  const compiled = inProject.startsWith(`dist${sep}`) ? path : join(projectRoot, 'dist', inProject);
  if (!existsSync(compiled)) throw new Error(`${inProject} is not built: run "npm run build"`);
  return compiled;
}
