import type { Permission } from '../../../contracts/permissions.js';
import { forbidden, notFound } from '../../../platform/errors.js';
import type { Entity, Existing } from '../../../platform/eventStore/aggregate.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { InstanceState } from './instance.js';

type Instance = Existing<InstanceState>;

const holds = (viewer: Principal, permission: Permission, projectId: string) =>
  may(viewer, permission, projectId);

/** What is in a project is there for those who may see its contents, and for nobody else. */
export const seesContents = (viewer: Principal, projectId: string): boolean =>
  holds(viewer, 'contents:read', projectId);

export const canSee = (viewer: Principal, instance: Entity<InstanceState>): instance is Instance =>
  instance.state !== null && seesContents(viewer, instance.state.projectId);

/** Who may command instances of others may command their own. */
export const mayRequest = (viewer: Principal, projectId: string): boolean =>
  holds(viewer, 'instance:write', projectId) || holds(viewer, 'instance:writeOwn', projectId);

export const mayCommand = (viewer: Principal, { state, createdBy }: Instance): boolean =>
  holds(viewer, 'instance:write', state.projectId) ||
  (createdBy.id === viewer.id && holds(viewer, 'instance:writeOwn', state.projectId));

/** Refused as if there were no such project for those who may not see into it. */
export function checkMayRequest(viewer: Principal, projectId: string): void {
  if (!holds(viewer, 'project:read', projectId) && !seesContents(viewer, projectId))
    throw notFound('Project', projectId);
  if (!mayRequest(viewer, projectId)) throw forbidden('instance:writeOwn' satisfies Permission);
}

/** The instance, if the viewer may see and command it. */
export function checkMayCommand(viewer: Principal, instance: Entity<InstanceState>): Instance {
  if (!canSee(viewer, instance)) throw notFound('Instance', instance.id);
  if (!mayCommand(viewer, instance)) throw forbidden('instance:write' satisfies Permission);
  return instance;
}
