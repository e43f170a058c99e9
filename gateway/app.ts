import { createEngine } from './createEngine.js';
import type { EngineOptions } from './engine.js';
import type { DoorsOptions } from './http/doors.js';
import { createGatewayServer } from './http/server.js';
import type { ServerSettings } from './http/settings.js';
import { maskedErrors } from './metrics.js';
import { createLimits, defaultLimits, type DocumentLimits } from './limits/limits.js';

export interface GatewayOptions
  extends Omit<EngineOptions, 'report'>, Omit<DoorsOptions, 'engine' | 'limits'> {
  readonly limits?: DocumentLimits | undefined;
  readonly settings?: Partial<ServerSettings> | undefined;
}

export interface Gateway {
  /** Answers the port, which the system chooses if it is 0. */
  listen(port: number, host?: string): Promise<number>;
  readonly url: string;
  /** Serves a new supergraph from the next request on. Refuses one that cannot be served, and keeps the old. */
  reload(supergraphSdl: string): Promise<void>;
  /** Finishes what is under way, then lets go of the subgraphs. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The whole gateway: an engine over the subgraphs, and the server in front of it. It listens when told to. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { supergraphSdl, limits: bounds = defaultLimits, log } = options;
  let limits = createLimits(supergraphSdl, bounds);
  const engine = await createEngine({
    ...options,
    report: ({ error, ...where }) => {
      maskedErrors.inc({ subgraph: where.subgraph });
      log.warn({ err: error, ...where }, 'subgraph error');
    },
  });
  const server = createGatewayServer({ ...options, engine, limits: () => limits });

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= server.close().then(() => engine[Symbol.asyncDispose]());
    return closing;
  };
  return {
    listen: (port, host) => server.listen(port, host),
    get url() {
      return server.url;
    },
    async reload(sdl) {
      const next = createLimits(sdl, bounds);
      await engine.reload(sdl);
      limits = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
