import { SpanKind } from '@opentelemetry/api';
import type { PrismaPg } from '@prisma/adapter-pg';
import { isWithinTrace, tracedWithin } from '../telemetry/tracing.js';

type Session = Awaited<ReturnType<PrismaPg['connect']>>;
type Transaction = Awaited<ReturnType<Session['startTransaction']>>;
type Statement = Parameters<Session['queryRaw']>[0];

/** The adapter, whose statements are spans of the trace that asks for them. Neither texts nor values are told. */
export function traceStatements(adapter: PrismaPg): PrismaPg {
  const connect = adapter.connect.bind(adapter);
  adapter.connect = async () => {
    const session = traceQueries(await connect());
    const start = session.startTransaction.bind(session);
    session.startTransaction = async (...options) => {
      const transaction = await span('BEGIN', () => start(...options));
      return traceEnds(traceQueries(transaction));
    };
    return session;
  };
  return adapter;
}

function traceQueries<Queryable extends Pick<Session, 'queryRaw' | 'executeRaw'>>(
  queryable: Queryable,
): Queryable {
  const query = queryable.queryRaw.bind(queryable);
  const execute = queryable.executeRaw.bind(queryable);
  // The name is only looked for where somebody reads it.
  queryable.queryRaw = (statement: Statement) =>
    isWithinTrace() ? span(nameOf(statement), () => query(statement)) : query(statement);
  queryable.executeRaw = (statement: Statement) =>
    isWithinTrace() ? span(nameOf(statement), () => execute(statement)) : execute(statement);
  return queryable;
}

function traceEnds(transaction: Transaction): Transaction {
  const commit = transaction.commit.bind(transaction);
  transaction.commit = () => span('COMMIT', commit);
  return transaction;
}

const OPTIONS = { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql' } };

const span = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
  tracedWithin(name, OPTIONS, work);

const VERB = /^\s*(\w+)/;
const CALL = /^\s*SELECT\s+"?(\w+)"?\."?(\w+)"?\s*\(/i;
const TABLE = /\b(?:FROM|INTO|UPDATE)\s+(?:"?(\w+)"?\.)?"?(\w+)"?/i;

/** What a statement does to what: `SELECT resources.instance`, `INSERT eventlog.command`, `SELECT eventlog.append`. */
export function nameOf({ sql }: Pick<Statement, 'sql'>): string {
  const [, verb = 'statement'] = VERB.exec(sql) ?? [];
  const [, schema, table] = CALL.exec(sql) ?? TABLE.exec(sql) ?? [];
  return [verb.toUpperCase(), [schema, table].filter(Boolean).join('.')].join(' ').trimEnd();
}
