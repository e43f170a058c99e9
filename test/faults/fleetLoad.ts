import { operation } from '../testkit/operations.js';
import type { randomsOf } from '../testkit/randoms.js';
import type { RunningFleet } from './fleetProcess.js';

/** What a client asked for. The key is the id of the request too, so that an event shows which one stored it. */
export type FleetOperation = { key: string; name: string; username: string; input: object };

/** The ids, the event and the version: what a repeat must answer again. */
export type Acknowledged = { eventId: string; version: number; id: string };

export type Outcome =
  { at: 'ok'; answer: Acknowledged } | { at: 'refused'; code: string } | { at: 'unknown' };

/** By key, as in an append-only history: what was asked, and how it went as far as the client knows. */
export type FleetHistory = Map<string, { operation: FleetOperation; outcome: Outcome }>;

type Sender = (operation: FleetOperation) => Promise<Outcome>;

/** Sends operations as their users. A connection that breaks leaves it open what happened. */
export async function createSender(fleet: RunningFleet): Promise<Sender> {
  const usernames = ['org-admin', 'vision-researcher'];
  const tokens = new Map(
    await Promise.all(usernames.map(async (name) => [name, await fleet.token(name)] as const)),
  );
  return async ({ key, name, username, input }) => {
    try {
      const response = await fetch(`${fleet.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens.get(username)}`,
          'x-request-id': key,
        },
        body: JSON.stringify({
          query: operation(name),
          variables: { input: { ...input, idempotencyKey: key } },
        }),
      });
      return toOutcome((await response.json()) as Answer);
    } catch {
      return { at: 'unknown' };
    }
  };
}

type Answer = {
  data: Record<string, Record<string, unknown>> | null;
  errors?: { extensions: { code: string } }[];
};

function toOutcome({ data, errors }: Answer): Outcome {
  const [payload] = Object.values(data ?? {});
  if (!payload || errors) return { at: 'refused', code: errors?.[0]?.extensions.code ?? 'no answer' };
  const thing = Object.values(payload).find((value) => typeof value === 'object' && value !== null);
  const { id } = thing as { id: string };
  return { at: 'ok', answer: { eventId: payload.eventId as string, version: payload.version as number, id } };
}

/** Random operations, whose things are those that earlier ones made. */
export function createOperations(randoms: ReturnType<typeof randomsOf>, history: FleetHistory) {
  const { below } = randoms;
  let asked = 0;
  const made = (name: string) =>
    [...history.values()].flatMap(({ operation: { name: is }, outcome }) =>
      is === name && outcome.at === 'ok' ? [outcome.answer.id] : [],
    );
  const one = (ids: readonly string[]) => ids[below(ids.length)];
  const operationOf = (name: string, username: string, input: object): FleetOperation => ({
    key: `${randoms.seed}-${(asked += 1)}`,
    name,
    username,
    input,
  });

  return function next(visionId: string): FleetOperation {
    const instanceId = one(made('RequestInstance'));
    const projectId = one(made('CreateProject'));
    const choice = below(10);
    if (choice < 2 && projectId) {
      const nominal = below(10);
      return operationOf('SetQuota', 'org-admin', { projectId, gpuModelId: 'l40s-48gb', nominal });
    }
    if (choice < 6 && instanceId) {
      const commands = ['StopInstance', 'StartInstance', 'TerminateInstance', 'TerminateInstance'];
      return operationOf(commands[below(commands.length)] ?? '', 'vision-researcher', { id: instanceId });
    }
    if (choice === 9) {
      const key = `load-${asked}-${below(10)}`;
      return operationOf('CreateProject', 'org-admin', { key, name: 'Load' });
    }
    const gpu = { modelIn: ['h100-sxm5-80gb', 'a100-sxm4-80gb'], count: 1 + below(2) };
    const request = { projectId: visionId, name: 'load', image: 'busybox', gpu };
    return operationOf('RequestInstance', 'vision-researcher', { request });
  };
}
