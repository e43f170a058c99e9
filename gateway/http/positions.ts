import { badRequest } from '../../platform/server/requestErrors.js';

/** The newest position that somebody has written, by subgraph. Opaque, but that a newer one is longer or sorts later. */
export type Positions = Readonly<Record<string, string>>;

export const POSITIONS_HEADER = 'fleetgraph-positions';

const REMEMBER_MS = 10_000;
const HEADER_LENGTH_MAX = 2_048;
const NONE: Positions = {};

/** Both, and of a subgraph that is in both the newer position. */
export function newest(left: Positions, right: Positions): Positions {
  if (left === NONE || right === NONE) return left === NONE ? right : left;
  const merged: Record<string, string> = { ...left };
  for (const [subgraph, position] of Object.entries(right)) {
    const other = merged[subgraph];
    if (other === undefined || isNewer(position, other)) merged[subgraph] = position;
  }
  return merged;
}

const isNewer = (position: string, other: string) =>
  position.length === other.length ? position > other : position.length > other.length;

/**
 * Remembers for a short while what each caller wrote through this gateway, so that the caller's next read sees it,
 * whichever connection it comes by.
 */
export function createPositionMemory(rememberMs = REMEMBER_MS, now: () => number = Date.now) {
  const written = new Map<string, { positions: Positions; until: number }>();

  return {
    of(callerId: string): Positions {
      const entry = written.get(callerId);
      return entry && entry.until > now() ? entry.positions : NONE;
    },
    remember(callerId: string, positions: Positions): void {
      const known = this.of(callerId);
      written.delete(callerId);
      written.set(callerId, { positions: newest(known, positions), until: now() + rememberMs });
      // Entries lie in the order in which they run out.
      for (const [id, { until }] of written) {
        if (until > now()) return;
        written.delete(id);
      }
    },
  };
}

export type PositionMemory = ReturnType<typeof createPositionMemory>;

export const writePositions = (positions: Positions): string =>
  Buffer.from(JSON.stringify(positions)).toString('base64url');

/** Reads what another answer carried in its header. */
export function readPositions(header: string | undefined): Positions {
  if (header === undefined) return NONE;
  const positions = header.length > HEADER_LENGTH_MAX ? null : parse(header);
  if (!positions)
    throw badRequest(`The header ${POSITIONS_HEADER} cannot be read`, 'Send back what an answer carried.');
  return positions;
}

function parse(header: string): Positions | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString());
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRecord && Object.values(value).every((position) => typeof position === 'string')
      ? (value as Positions)
      : null;
  } catch {
    return null;
  }
}
