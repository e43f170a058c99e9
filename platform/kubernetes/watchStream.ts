import { ClusterError } from './clusterError.js';
import { toClusterError } from './transport.js';
import type { WatchEvent } from './cluster.port.js';
import type { KubeObject } from './kinds.js';

type Frame =
  | { type: WatchEvent<unknown>['type']; object: KubeObject }
  | { type: 'ERROR'; object: { code?: number; reason?: string; message?: string } };

/** The watch events in a response body, one JSON document per line. An `ERROR` event ends it with its error. */
export async function* readWatch<T extends KubeObject>(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  for await (const line of readLines(body)) {
    const frame = JSON.parse(line) as Frame;
    if (frame.type === 'ERROR') throw toClusterError(frame.object);
    const { type, object } = frame;
    const version = object.metadata.resourceVersion;
    yield type === 'BOOKMARK' ? { type, version } : { type, version, object: object as T };
  }
}

async function* readLines(body: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder();
  let pending = '';
  try {
    for await (const chunk of body) {
      pending += decoder.decode(chunk, { stream: true });
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      yield* lines.filter((line) => line !== '');
    }
  } catch (cause) {
    throw new ClusterError(0, 'Unreachable', 'The watch was cut off', { cause });
  }
}
