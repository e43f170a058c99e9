import type { IncomingHttpHeaders } from 'node:http';
import { forbidden } from '../errors.js';
import { may, type Principal } from '../identity/principal.js';
import { badRequest } from './requestErrors.js';

/** A request whose signature was checked. */
export interface SignedRequest {
  readonly principal: Principal;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
}

/** What a subgraph's server answers under one path. The answer is sent as JSON; PublicErrors are refusals. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  answer(request: SignedRequest): Promise<object>;
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('The body is not JSON');
  }
}

/** What contexts ask of each other is not for people, whoever signed for them. */
export function refusePeople({ principal }: SignedRequest): void {
  if (principal.kind !== 'SYSTEM' || !may(principal, '*')) throw forbidden('*');
}
