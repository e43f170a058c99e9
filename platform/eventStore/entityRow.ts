import type { Actor } from '../identity/principal.js';
import type { Existing } from './aggregate.js';

/** The columns that every entity table has. `state` is the folded state exactly, so that a row says what a fold says. */
export type EntityRow = {
  id: string;
  version: number;
  createdAt: Date;
  createdBy: unknown;
  updatedAt: Date;
  state: unknown;
};

export const toExisting = <State>(row: EntityRow): Existing<State> => ({
  id: row.id,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy as Actor,
  updatedAt: row.updatedAt.toISOString(),
  state: row.state as State,
});

/** For a Prisma upsert; each table adds the columns that it filters, sorts or locks by. */
export const rowOfEntity = <State extends object>(entity: Existing<State>) => ({
  id: entity.id,
  version: entity.version,
  createdAt: new Date(entity.createdAt),
  createdBy: entity.createdBy,
  updatedAt: new Date(entity.updatedAt),
  state: entity.state,
});
