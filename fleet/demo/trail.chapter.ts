import type { Project } from './project.chapter.js';
import { type Stage, waitUntil } from './stage.js';
import { expectThat } from './surprise.js';

type AuditEvent = {
  sequence: string;
  at: string;
  type: string;
  actor: { id: string; kind: string; displayName: string };
  subject: { type: string; id: string };
  requestId: string | null;
};
type Page = {
  edges: { node: AuditEvent }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

/** What has to be in the trail, each after the one before it. */
const STORY = [
  'ProjectCreated',
  'InstanceRequested',
  'ApprovalApproved',
  'InstanceRunning',
  'JobSubmitted',
  'InstanceTerminated',
  'JobSucceeded',
  'ModelVersionCreated',
  'AliasSet',
  'DeploymentRequested',
  'DeploymentAvailable',
  'DeploymentDeleted',
  'BudgetThresholdCrossed',
] as const;

/** An auditor reads it all again: who did what, in which order. */
export async function readTrail(stage: Stage, { id: projectId }: Project): Promise<void> {
  const { cast, screen } = stage;
  const events = await waitUntil(
    stage,
    'the auditor finds the whole story in its order',
    () => readAll(stage, projectId),
    (found) => missing(found) === null,
  );
  const anonymous = events.filter(({ actor }) => actor.id === '');
  expectThat('every event has an actor', anonymous.length === 0, anonymous);
  const people = events.filter(({ actor }) => actor.kind === 'USER');
  screen.tell(
    cast.auditor.username,
    `reads ${events.length} events, ${people.length} of them by people, the others by what these set off`,
  );
  for (const type of STORY) {
    const event = events.find((candidate) => candidate.type === type);
    if (event) screen.note(`${event.at}  ${event.type.padEnd(24)} ${event.actor.displayName}`);
  }
}

/** Oldest first, by the clock: contexts are heard one after the other. */
async function readAll({ cast }: Stage, projectId: string): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (let after: string | null = null; ;) {
    const variables: object = { filter: { projectId }, first: 100, after };
    const page: Page = await cast.auditor.read<Page>('AuditEvents', variables);
    events.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage)
      return events.reverse().sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }
}

/** The first part of the story that does not come after the one before; null if all do. */
function missing(events: readonly AuditEvent[]): string | null {
  let from = 0;
  for (const type of STORY) {
    const at = events.findIndex((event, index) => index >= from && event.type === type);
    if (at < 0) return type;
    from = at + 1;
  }
  return null;
}
