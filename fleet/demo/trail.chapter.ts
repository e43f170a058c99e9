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

/** What has to be in the trail, each after the one before it in its strand: the instance may outlive the jobs. */
const STRANDS = [
  ['ProjectCreated', 'InstanceRequested', 'ApprovalApproved', 'InstanceRunning', 'InstanceTerminated'],
  [
    ...['JobSubmitted', 'JobSucceeded', 'ModelVersionCreated', 'AliasSet'],
    ...['DeploymentRequested', 'DeploymentAvailable', 'DeploymentDeleted', 'BudgetThresholdCrossed'],
  ],
] as const;

/** An auditor reads it all again: who did what, in which order. */
export async function readTrail(stage: Stage, { id: projectId }: Project): Promise<void> {
  const { cast, screen } = stage;
  const events = await waitUntil(
    stage,
    'the auditor finds the whole story in its order',
    () => readAll(stage, projectId),
    (found) => STRANDS.every((strand) => isTold(strand, found)),
  );
  const anonymous = events.filter(({ actor }) => actor.id === '');
  expectThat('every event has an actor', anonymous.length === 0, anonymous);
  const people = events.filter(({ actor }) => actor.kind === 'USER');
  screen.tell(
    cast.auditor.username,
    `reads ${events.length} events, ${people.length} of them by people, the others by what these set off`,
  );
  const told = new Set<string>(STRANDS.flat());
  for (const event of events)
    if (told.delete(event.type))
      screen.note(`${event.at}  ${event.type.padEnd(24)} ${event.actor.displayName}`);
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

/** Whether all of the strand is there, in its order. */
function isTold(strand: readonly string[], events: readonly AuditEvent[]): boolean {
  let from = 0;
  for (const type of strand) {
    const at = events.findIndex((event, index) => index >= from && event.type === type);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
