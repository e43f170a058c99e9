import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a rule may look at. */
export type Asked = { readonly method: string; readonly path: string; readonly isWatch: boolean };

/** An answer in the API server's place. */
export type Refusal = {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterSeconds?: number;
};

/** What becomes of a request: a refusal, or its way on, perhaps later. */
export type Rule = (asked: Asked) => Refusal | Promise<void> | null;

/** Stands before a real API server and can make it misbehave. */
export interface FaultProxy extends AsyncDisposable {
  /** A kubeconfig whose server is this proxy. */
  readonly kubeconfig: string;
  /** Decides on every request from now on. Null lets all through. */
  meddle(rule: Rule | null): void;
  /** The watches that are open now stay open and get nothing more. Says how many. */
  stallWatches(): number;
  /** Ends the watches that are open now. */
  cutWatches(): void;
  /** How many requests a rule has refused so far. */
  readonly refused: number;
  /** What the API server answered to writes, in order, whether or not the client was still there. */
  readonly writes: readonly (Asked & { readonly status: number })[];
}

export async function startFaultProxy(kubeconfig: string): Promise<FaultProxy> {
  const target = /"server":"([^"]*)"/.exec(kubeconfig)?.[1] ?? '';
  const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
  const watches = new Set<{ from: IncomingMessage; to: ServerResponse }>();
  const writes: (Asked & { status: number })[] = [];
  let rule: Rule | null = null;
  let refused = 0;

  /** Sent on even if the client has hung up meanwhile: so does a request that is under way. */
  function pass(asked: Asked, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { host: _, ...headers } = request.headers;
    const onward = httpsRequest(target + asked.path, { method: asked.method, headers, agent });
    onward.on('response', (answer) => {
      const status = answer.statusCode ?? 0;
      if (asked.method !== 'GET') writes.push({ ...asked, status });
      response.writeHead(status, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      if (!asked.isWatch) return;
      const watch = { from: answer, to: response };
      watches.add(watch);
      response.on('close', () => {
        watches.delete(watch);
        answer.destroy();
      });
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const asked = { method, path, isWatch: path.includes('watch=true') };
    const body = await bodyOf(request);
    const verdict = rule?.(asked) ?? null;
    if (verdict === null || verdict instanceof Promise) {
      await verdict;
      return pass(asked, request, body, response);
    }
    refused++;
    const { status, reason, retryAfterSeconds } = verdict;
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    });
    response.end(
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason }),
    );
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfig.replace(target, `http://127.0.0.1:${port}`),
    meddle: (next) => void (rule = next),
    stallWatches() {
      for (const { from } of watches) from.unpipe().resume();
      return watches.size;
    },
    cutWatches() {
      for (const { to } of watches) to.destroy();
    },
    get refused() {
      return refused;
    },
    writes,
    async [Symbol.asyncDispose]() {
      rule = null;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  };
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}
