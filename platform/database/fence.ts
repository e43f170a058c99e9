import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import type { Scope } from './scope.js';

/** Whose rows the transaction may see. `true` ends both settings with it. */
const STATEMENT = {
  name: 'fleetgraph_scope',
  text: `SELECT set_config('fleetgraph.projects', $1, true), set_config('transaction_read_only', $2, true)`,
};

const valuesOf = ({ projects, readOnly }: Scope) => [projects, readOnly ? 'on' : 'off'];

/** What pg's client calls of a query, beyond its types. */
type DriverQuery = pg.Query & {
  callback: (error: Error | null, result?: unknown) => void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: unknown): void;
};

/** What pg's connection sends, with the arguments that it really takes. */
type Sender = {
  readonly stream: { cork?(): void; uncork?(): void };
  bind(portal: { portal: string; statement: string; values: string[]; binary: boolean }): void;
  execute(portal: { portal: string }): void;
};

type Client = pg.ClientBase & { getTransactionStatus(): string | null };

type Callback = (...args: unknown[]) => void;

/**
 * A pool in which every transaction, that of a single statement too, begins with saying for whom it is. That travels in
 * front of the first statement in the same message, so it costs no round trip; both are one transaction, because the
 * protocol ends one only at the Sync behind them. A statement that is given as mere text says nothing, and row-level
 * security then shows it no project's rows.
 */
export function fencedPool(config: pg.PoolConfig, scopeOf: () => Scope): pg.Pool {
  // It is awaited, whatever its type says.
  const onConnect = (session: pg.ClientBase): unknown => fenceSession(session as Client, scopeOf);
  const pool = new pg.Pool({ ...config, onConnect });
  const connect = pool.connect.bind(pool) as (callback?: Callback) => Promise<pg.PoolClient>;
  // The pool hands a connection that was waited for to the next one from within the work of whoever gave it back.
  const connectAsCaller = (callback?: Callback) => connect(callback && AsyncResource.bind(callback));
  pool.connect = connectAsCaller as typeof pool.connect;
  return pool;
}

async function fenceSession(client: Client, scopeOf: () => Scope): Promise<void> {
  // Between a connection's being given to a transaction and the transaction's listening nobody else would hear that it
  // broke, which ends the process. Whatever it is asked next fails.
  client.on('error', () => {});
  await client.query({ ...STATEMENT, values: ['', 'off'] });
  const send = client.query.bind(client) as (query: unknown, ...rest: unknown[]) => unknown;
  const query = (config: unknown, ...rest: unknown[]): unknown => {
    if (!isConfig(config)) return send(config, ...rest);
    const scoped = scopedQuery(config, client, scopeOf());
    const callback = rest.find((one) => typeof one === 'function');
    if (callback) return send(scoped, callback);
    return new Promise((resolve, reject) => {
      scoped.callback = (error, result) => (error ? reject(error) : resolve(result));
      send(scoped);
    });
  };
  client.query = query as typeof client.query;
}

const isConfig = (config: unknown): config is pg.QueryConfig =>
  typeof config === 'object' && config !== null && !('submit' in config);

/** The query, with the scope in front if it begins a transaction. The scope's own answer is nobody's business. */
function scopedQuery(config: pg.QueryConfig, client: Client, scope: Scope): DriverQuery {
  const query = new pg.Query({ ...config, queryMode: 'extended' } as pg.QueryConfig) as DriverQuery;
  const { submit, handleDataRow, handleCommandComplete } = query;
  let isAnswered = true;
  query.submit = (connection) => {
    if (client.getTransactionStatus() !== 'I') return submit.call(query, connection);
    const sender = connection as unknown as Sender;
    isAnswered = false;
    sender.stream.cork?.();
    sender.bind({ portal: '', statement: STATEMENT.name, values: valuesOf(scope), binary: false });
    sender.execute({ portal: '' });
    const refusal = submit.call(query, connection);
    sender.stream.uncork?.();
    return refusal;
  };
  query.handleDataRow = (message) => {
    if (isAnswered) handleDataRow.call(query, message);
  };
  query.handleCommandComplete = (message, connection) => {
    if (isAnswered) handleCommandComplete.call(query, message, connection);
    isAnswered = true;
  };
  return query;
}
