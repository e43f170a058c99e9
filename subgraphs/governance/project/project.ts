import type { ProjectEvent } from '../../../contracts/governance.events.js';
import { badUserInput } from '../../../platform/errors.js';

export type ProjectState = { key: string; name: string; parentId: string | null };

/** RFC 1123: the key names the project's Kubernetes namespace. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A new project is the leaf of its tree, and none ever moves: so the tree has no cycle. */
export function decideCreateProject(command: {
  id: string;
  key: string;
  name: string;
  parentId: string | null;
}): ProjectEvent[] {
  const { id, key, name, parentId } = command;
  if (!DNS_LABEL.test(key))
    throw badUserInput([
      { path: ['input', 'key'], message: 'must be a DNS label: a-z, 0-9 and -, 63 characters at most' },
    ]);
  return [{ type: 'ProjectCreated', data: { id, key, name, parentId } }];
}

export const evolveProject = (_state: ProjectState | null, { data }: ProjectEvent): ProjectState => ({
  key: data.key,
  name: data.name,
  parentId: data.parentId,
});
