import { expect, test } from 'vitest';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Tail } from '../../../platform/log/tail.js';
import type { Tails } from '../../../platform/server/tails.js';
import { announced } from '../../../test/testkit/announced.js';
import { until } from '../../../test/testkit/until.js';
import { createOccupancy } from './occupancy.js';

/** A tail that tells of an allocation when it is told to. */
function createFakeTails() {
  const asked: string[] = [];
  let tell = () => {};
  const told = new Promise<void>((resolve) => (tell = resolve));
  const tail = {
    fetchHead: () => Promise.resolve(0n),
    async *from(): AsyncGenerator<readonly Positioned[]> {
      await told;
      yield [{ ...announced('resources', 1n), type: 'AllocationOpened' }];
    },
  } as unknown as Tail;
  const tails = ((context: string) => {
    asked.push(context);
    return Promise.resolve(tail);
  }) as Tails;
  return { asked, tails, tell };
}

test('nothing is read before somebody asks, then once, and again after an allocation changed', async () => {
  const { asked, tails, tell } = createFakeTails();
  let reads = 0;
  const allocations = { open: () => Promise.resolve(((reads += 1), [])) };
  await using occupancy = createOccupancy({ allocations, tails, onError: () => {} });
  expect(asked).toEqual([]);

  await Promise.all([occupancy.now(), occupancy.now()]);
  await occupancy.now();
  expect({ asked, reads }).toEqual({ asked: ['resources'], reads: 1 });

  tell();
  await until('it is read again', async () => {
    await occupancy.now();
    return reads === 2;
  });
  expect(asked).toEqual(['resources']);
});
