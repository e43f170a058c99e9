import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { startTestGateway } from '../testkit/gateway.js';

const AUDITS = 61;

test('GraphQL over HTTP passes every check of the audit suite', async () => {
  await using gateway = await startTestGateway();
  const results = await Promise.all(serverAudits({ url: gateway.graphql }).map((audit) => audit.fn()));
  const failed = results.filter(({ status }) => status !== 'ok');
  expect(failed.map((result) => `${result.id} ${result.name}`)).toEqual([]);
  expect(results).toHaveLength(AUDITS);
});
