import { createTestClient, dataOf } from '../testkit/fleet.js';
import { createSender, type FleetHistory, type FleetOperation, type Outcome } from './fleetLoad.js';
import type { RunningFleet } from './fleetProcess.js';

const CALLERS = 4;
const UNSETTLED = /PROVISIONING|CONFIGURING|STARTING|STOPPING|TERMINATING/;

const clientOf = async (fleet: RunningFleet, username: string) =>
  createTestClient(fleet.url, await fleet.token(username));

export async function findVision(fleet: RunningFleet): Promise<string> {
  const client = await clientOf(fleet, 'org-admin');
  const query = '{ projectByKey(key: "vision") { id } }';
  return dataOf(await client.send<{ projectByKey: { id: string } }>(query)).projectByKey.id;
}

const GIVE_UP_AFTER_MS = 30_000;

/**
 * Callers who send until the signal aborts. Where they are not told what happened, they ask again with the same key, for
 * longer than any outage lasts here; what they are not told then stays unknown.
 */
export async function loadUntil(
  fleet: RunningFleet,
  { history, next, signal }: { history: FleetHistory; next: () => FleetOperation; signal: AbortSignal },
): Promise<void> {
  const send = await createSender(fleet);
  const caller = async () => {
    while (!signal.aborted) {
      const operation = next();
      history.set(operation.key, { operation, outcome: { at: 'unknown' } });
      const deadline = performance.now() + GIVE_UP_AFTER_MS;
      for (let isOpen = true; isOpen && performance.now() < deadline;) {
        const outcome = await send(operation);
        isOpen = isStillOpen(outcome);
        history.set(operation.key, { operation, outcome: isOpen ? { at: 'unknown' } : outcome });
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

/** A server that could not finish, or find out, says so: it may have happened. */
const isStillOpen = (outcome: Outcome): boolean =>
  outcome.at === 'unknown' ||
  (outcome.at === 'refused' && ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR'].includes(outcome.code));

/** Repeats everything of this history: the same answer where it is known, and one from now on where it is not. */
export async function repeat(fleet: RunningFleet, history: FleetHistory): Promise<string[]> {
  const send = await createSender(fleet);
  const faults: string[] = [];
  for (const [key, { operation, outcome }] of history) {
    if (outcome.at === 'refused') continue;
    const again = await send(operation);
    if (outcome.at === 'unknown') history.set(key, { operation, outcome: again });
    else if (JSON.stringify(again) !== JSON.stringify(outcome))
      faults.push(`${key}: ${JSON.stringify(outcome)}, then ${JSON.stringify(again)}`);
  }
  return faults;
}

export async function isSettled(fleet: RunningFleet, projectId: string): Promise<boolean> {
  const client = await clientOf(fleet, 'vision-researcher');
  const query = `query ($projectId: ID!, $after: String) {
    instances(projectId: $projectId, first: 100, after: $after) { edges { node { state } } pageInfo { hasNextPage endCursor } }
  }`;
  type Page = {
    instances: {
      edges: { node: { state: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
  for (let after: string | null = null; ;) {
    const { instances }: Page = dataOf(await client.send<Page>(query, { projectId, after }));
    if (instances.edges.some(({ node }) => UNSETTLED.test(node.state))) return false;
    if (!instances.pageInfo.hasNextPage) return true;
    after = instances.pageInfo.endCursor;
  }
}
