import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type Feed, follow } from './feed.js';
import { Surprise } from './surprise.js';

/** Somebody who uses the API as any client does: HTTP and WebSocket with their token, trusted documents only. */
export interface Person extends AsyncDisposable {
  readonly username: string;
  readonly id: string;
  readonly displayName: string;
  /** What a query's one field answers. Any error is a Surprise. */
  read<Answer>(document: string, variables?: object): Promise<Answer>;
  /** What a mutation answers, with an idempotency key of its own. Any refusal is a Surprise. */
  command<Answer>(document: string, input: object): Promise<Answer>;
  /** The message of a mutation's refusal. Anything but a refusal with this code is a Surprise. */
  refusal(code: string, document: string, input: object): Promise<string>;
  /** What a subscription's one field delivers. */
  watch<Item>(document: string, variables: object, onItem?: (item: Item) => void): Feed<Item>;
}

type Answer = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: { code?: string; hint?: string } }[];
};

export async function createPerson(options: {
  username: string;
  token: string;
  url: string;
  documents: ReadonlyMap<string, string>;
  signal: AbortSignal;
}): Promise<Person> {
  const { username, token, url, documents, signal } = options;
  const authorization = `Bearer ${token}`;
  const sockets = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });

  function documentOf(name: string): string {
    const query = documents.get(name);
    if (query === undefined) throw new Surprise(`schema/operations has ${name}`, [...documents.keys()]);
    return query;
  }

  async function send(name: string, variables: object): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query: documentOf(name), variables }),
    });
    return (await response.json()) as Answer;
  }

  async function run<Value>(name: string, variables: object): Promise<Value> {
    const { data, errors } = await send(name, variables);
    if (!data || errors) throw new Surprise(`${username} may run ${name}`, sentence(errors));
    return Object.values(data)[0] as Value;
  }

  const withKey = (input: object) => ({ input: { idempotencyKey: randomUUID(), ...input } });
  const { id, displayName } = await run<{ id: string; displayName: string }>('Me', {});

  return {
    username,
    id,
    displayName,
    read: (document, variables = {}) => run(document, variables),
    command: (document, input) => run(document, withKey(input)),
    async refusal(code, document, input) {
      const { errors } = await send(document, withKey(input));
      const [error] = errors ?? [];
      if (error?.extensions?.code !== code)
        throw new Surprise(`${document} is refused with ${code}`, sentence(errors));
      return error.message;
    },
    watch(document, variables, onItem) {
      const payload = {
        query: documentOf(document),
        variables: variables as Record<string, unknown>,
      };
      return follow(document, sockets.iterate<Record<string, unknown>>(payload), { signal, onItem });
    },
    [Symbol.asyncDispose]: async () => sockets.dispose(),
  };
}

function sentence(errors: Answer['errors']): string {
  const [error] = errors ?? [];
  if (!error) return 'an answer without an error';
  const { code = 'an error without a code', hint = '' } = error.extensions ?? {};
  return `${code}: ${error.message}. ${hint}`.trim();
}
