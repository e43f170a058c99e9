import { expect } from 'vitest';
import { type Answer, type Refusal, refusalOf, type TestFleet } from './fleet.js';

/** How much people have made the fleet store. What its own parts do for them goes on meanwhile, and is not counted. */
export async function storedByPeople({ fleet }: TestFleet): Promise<object> {
  const { prisma } = fleet.core.database;
  const events = await prisma.event.count({ where: { actorKind: 'USER' } });
  const keys = await prisma.command.count({ where: { principalId: { startsWith: 'user_' } } });
  const held = await prisma.budgetHold.count();
  return { events, keys, held };
}

/** Fails unless the attempt is refused with the code, with a hint and without data, and leaves nothing in the store. */
export async function expectRefused(
  fleet: TestFleet,
  code: string,
  attempt: () => Promise<Answer<unknown>>,
): Promise<Refusal> {
  const before = await storedByPeople(fleet);
  const answer = await attempt();
  const refusal = refusalOf(answer);
  expect({ code: refusal?.code, answer }).toEqual({ code, answer });
  expect(answer.data ?? null).toBeNull();
  expect(await storedByPeople(fleet)).toEqual(before);
  if (!refusal) throw new Error('unreachable');
  expect(refusal.hint).toMatch(/\w/);
  return refusal;
}
