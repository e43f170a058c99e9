import { ulid } from 'ulid';
import type { Permission } from '../../../contracts/permissions.js';
import { forbidden } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { projectKeyTaken } from './errors.js';
import { decideCreateProject } from './project.js';
import type { CreateProjectInput, CreateProjectPayload } from './project.inputs.js';
import { projectAggregate } from './project.projection.js';
import { toProject } from './project.type.js';
import { requireProject } from './requireProject.js';

const RIGHT: Permission = 'project:create';

/** Whoever takes the key between the look and the commit makes the unit run again, and see it taken. */
export async function createProject(
  input: CreateProjectInput,
  context: Context,
): Promise<CreateProjectPayload> {
  const { key, name, parentId = null } = input;
  const { principal, accessEvents } = context;
  const id = `project_${ulid()}`;
  const events = decideCreateProject({ id, key, name, parentId });

  const request = commandRequest(context, 'createProject', input);
  const answer = await context.commands.execute(request, async (unit) => {
    if (parentId !== null) await requireProject(unit, parentId, principal);
    if (!may(principal, RIGHT, parentId)) throw forbidden(RIGHT);
    if (await unit.tx.project.findUnique({ where: { key } })) throw projectKeyTaken(key);
    return unit.save(projectAggregate, await unit.load(projectAggregate, id), events, id);
  });
  const { eventId, version, result } = noteWritten(context, answer);
  accessEvents.announce();
  return { eventId, version, project: toProject(result) };
}
