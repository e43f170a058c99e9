import type { EventEmitter } from 'node:events';
import { type PGlite, protocol } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import type { PoolConfig } from 'pg';

const { serialize } = protocol;

/** The part of pg's connection that sends. */
type Sender = {
  parse(query: Omit<Parameters<typeof serialize.parse>[0], 'types'> & { types?: unknown }): void;
  bind(portal: Parameters<typeof serialize.bind>[0]): void;
  describe(subject: Parameters<typeof serialize.describe>[0]): void;
  execute(portal: Parameters<typeof serialize.execute>[0]): void;
  close(subject: Parameters<typeof serialize.close>[0]): void;
  flush(): void;
  sync(): void;
  query(text: string): void;
};

/**
 * What pg's pool needs to speak to PGlite in this process. PGlite's own bridge sends every message by itself; when the
 * engine refuses one (a Bind with the character U+0000), the rest of that exchange answers into the next query. Here an
 * exchange is sent as one piece, so that the engine skips what follows an error up to the Sync, as a server does.
 */
export function pgliteConnection(db: PGlite): PoolConfig {
  const config = createPgConfig(db);
  const connection = config.connection as unknown as EventEmitter & Sender;
  let pending: Uint8Array[] = [];
  let turn: Promise<unknown> = db.waitReady;

  const keep = (message: Uint8Array): void => void pending.push(message);

  function send(last: Uint8Array): void {
    const exchange = Buffer.concat([...pending, last]);
    pending = [];
    turn = turn
      .then(() => db.execProtocolStream(exchange, { throwOnError: false }))
      .then((answers) => {
        for (const answer of answers)
          connection.emit(answer.name === 'error' ? 'errorMessage' : answer.name, answer);
      })
      .catch((error: unknown) => connection.emit('error', error));
  }

  const sender: Sender = {
    // Prisma's adapter passes an object of parsers where the protocol has the ids of the types.
    parse: ({ types, ...query }) =>
      keep(serialize.parse({ ...query, types: Array.isArray(types) ? (types as number[]) : [] })),
    bind: (portal) => keep(serialize.bind(portal)),
    describe: (subject) => keep(serialize.describe(subject)),
    execute: (portal) => keep(serialize.execute(portal)),
    close: (subject) => keep(serialize.close(subject)),
    flush: () => send(serialize.flush()),
    sync: () => send(serialize.sync()),
    query: (text) => send(serialize.query(text)),
  };
  Object.assign(connection, sender);
  return config as unknown as PoolConfig;
}
