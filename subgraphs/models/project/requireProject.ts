import { notFound } from '../../../platform/errors.js';
import type { Context } from '../context.js';
import { maySeeProject } from '../visibility.js';

/** Refused as if there were no such project for those who may not know of it. */
export async function requireProject(id: string, { loaders, principal }: Context): Promise<void> {
  const exists = (await loaders.projectKey.load(id)) !== null;
  if (!exists || !maySeeProject(principal, id)) throw notFound('Project', id);
}
