import { expect, test } from 'vitest';
import { createInProcessLog } from '../log/inProcessLog.js';
import { createLog } from '../telemetry/log.js';
import { toyHistory } from './subgraphServer.fixture.js';
import { createTails } from './tails.js';

test('a context has one tail; one that could not be made is made when it is asked for again', async () => {
  let isAway = true;
  const toy = toyHistory(3);
  const history = { ...toy, head: () => (isAway ? Promise.reject(new Error('away')) : toy.head()) };
  await using eventLog = createInProcessLog();
  await using tails = createTails({
    eventLog,
    history: () => history,
    log: createLog({ name: 'test', level: 'silent' }),
  });
  await expect(tails('toy')).rejects.toThrow('away');
  isAway = false;
  const tail = await tails('toy');
  expect(tail.head()).toBe(3n);
  expect(await tails('toy')).toBe(tail);
});
