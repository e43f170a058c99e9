import { ulid } from 'ulid';
import type { Permission } from '../../../contracts/permissions.js';
import type { Unit } from '../../../platform/command/unit.js';
import { forbidden, notFound } from '../../../platform/errors.js';
import { commandRequest, noteWritten } from '../../../platform/graphql/requestContext.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { projectKeyTaken } from './errors.js';
import { decideCreateProject } from './project.js';
import type { CreateProjectInput, CreateProjectPayload } from './project.inputs.js';
import { projectAggregate } from './project.projection.js';
import { toProject } from './project.type.js';
import { visibleProject } from './visibleProject.js';

const RIGHT: Permission = 'project:create';

export async function createProject(
  input: CreateProjectInput,
  context: Context,
): Promise<CreateProjectPayload> {
  const { key, name, parentId = null } = input;
  if (parentId !== null && !(await visibleProject(parentId, context))) throw notFound('Project', parentId);
  if (!may(context.principal, RIGHT, parentId)) throw forbidden(RIGHT);

  const id = `project_${ulid()}`;
  const answer = await context.commands.execute(commandRequest(context, 'createProject', input), (unit) =>
    saveProject(unit, { id, key, name, parentId }),
  );
  noteWritten(context, answer);
  context.accessEvents.announce();
  return { eventId: answer.eventId, version: answer.version, project: toProject(answer.result) };
}

/** Whoever takes the key between the look and the commit makes the unit run again, and see it taken. */
async function saveProject(unit: Unit, project: Parameters<typeof decideCreateProject>[0]) {
  const { id, key } = project;
  if (await unit.tx.project.findUnique({ where: { key } })) throw projectKeyTaken(key);
  const unborn = await unit.load(projectAggregate, id);
  return unit.save(projectAggregate, unborn, decideCreateProject(project), id);
}
