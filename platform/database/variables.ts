import { z } from 'zod';
import type { DatabaseOptions } from './database.js';

const A_NUMBER = 'a whole number is needed';
const milliseconds = (fallback: number) =>
  z.coerce.number(A_NUMBER).int(A_NUMBER).min(100).max(600_000).default(fallback);

/** How a process uses its database, whatever its URL. Every process that has one reads these from its environment. */
export const databaseVariables = {
  DATABASE_POOL_MAX: z.coerce.number(A_NUMBER).int(A_NUMBER).min(2).max(200).default(10),
  DATABASE_STATEMENT_TIMEOUT_MS: milliseconds(15_000),
  DATABASE_IDLE_TRANSACTION_TIMEOUT_MS: milliseconds(10_000),
};

type Values = { [Name in keyof typeof databaseVariables]: z.output<(typeof databaseVariables)[Name]> };

/** The options that were read, with the URL of the database that they are for. */
export const databaseOptions = (url: string, values: Values): DatabaseOptions => ({
  url,
  poolMax: values.DATABASE_POOL_MAX,
  statementTimeoutMs: values.DATABASE_STATEMENT_TIMEOUT_MS,
  idleTransactionTimeoutMs: values.DATABASE_IDLE_TRANSACTION_TIMEOUT_MS,
});
