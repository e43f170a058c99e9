import { expect, test } from 'vitest';
import { preferredMediaType } from './mediaType.js';

test.each([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
  ['application/json;q=0.5, application/graphql-response+json', 'application/graphql-response+json'],
  ['application/json; charset=utf-8', 'application/json'],
  ['application/json; charset=latin1', null],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
  ['text/event-stream', 'text/event-stream'],
  ['application/json;q=0', null],
  ['image/png', null],
])('of %j it likes %s best', (accept, expected) => {
  expect(preferredMediaType(accept)).toBe(expected);
});
