import type { SubgraphCall } from '../graphql/requestContext.js';
import {
  type CallSignatures,
  createCallSignatures,
  type Headers,
  type SigningKey,
} from '../identity/signature.js';
import { parentIn } from '../telemetry/tracing.js';
import { badRequest } from './requestErrors.js';

const REQUEST_ID_HEADER = 'x-request-id';
const CORRELATION_ID_HEADER = 'x-correlation-id';
const POSITIONS_HEADER = 'fleetgraph-positions';

const POSITION = /^\d{1,18}$/;

/** What travels beside the principal and the signature, which covers it. */
export type CallFacts = Pick<SubgraphCall, 'requestId' | 'correlationId' | 'positions' | 'parent'>;

/** The signatures of all calls between processes: one list of covered headers on both sides. */
export const createInternalSignatures = (
  keys: readonly SigningKey[],
  options: Pick<Parameters<typeof createCallSignatures>[0], 'clock' | 'sharedNonces'> = {},
): CallSignatures =>
  createCallSignatures({
    keys,
    signedHeaders: [REQUEST_ID_HEADER, CORRELATION_ID_HEADER, POSITIONS_HEADER],
    ...options,
  });

export const writeCallHeaders = ({ requestId, correlationId, positions }: CallFacts) => ({
  [REQUEST_ID_HEADER]: requestId,
  [CORRELATION_ID_HEADER]: correlationId,
  [POSITIONS_HEADER]: Buffer.from(JSON.stringify(positions)).toString('base64url'),
});

/** Reads what `writeCallHeaders` wrote. Call it only after the signature was checked. */
export function readCallHeaders(headers: Headers): CallFacts {
  return {
    requestId: textOf(headers, REQUEST_ID_HEADER),
    correlationId: textOf(headers, CORRELATION_ID_HEADER),
    positions: readPositions(textOf(headers, POSITIONS_HEADER)),
    parent: parentIn(headers),
  };
}

function textOf(headers: Headers, name: string): string {
  const value = headers[name];
  if (typeof value !== 'string') throw badRequest(`The header ${name} is missing`);
  return value;
}

function readPositions(header: string): Record<string, string> {
  const unreadable = () => badRequest(`The header ${POSITIONS_HEADER} cannot be read`);
  let positions: unknown;
  try {
    positions = JSON.parse(Buffer.from(header, 'base64url').toString());
  } catch {
    throw unreadable();
  }
  if (typeof positions !== 'object' || positions === null) throw unreadable();
  const entries = Object.entries(positions);
  if (!entries.every(([, position]) => typeof position === 'string' && POSITION.test(position)))
    throw unreadable();
  return Object.fromEntries(entries) as Record<string, string>;
}
