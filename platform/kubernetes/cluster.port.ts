import type { KubeObject, Kind, Wire } from './kinds.js';
import type { V1ObjectMeta } from '@kubernetes/client-node';

/** The name of one object. `namespace` is required for namespaced kinds and absent for the others. */
export type ObjectRef = { name: string; namespace?: string };

/** Which objects of a kind: of one namespace or of all, narrowed by the API's own selectors. */
export type Selection = { namespace?: string; labelSelector?: string; fieldSelector?: string };

/** A complete list and the version at which it was true: watching from there misses nothing. */
export type ObjectList<T> = { items: T[]; resourceVersion: string };

/** What a caller states of an object; `apiVersion` and `kind` come from the kind. */
export type Intent<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & {
  metadata: Wire<V1ObjectMeta> & { name: string };
};

export type ApplyOptions = {
  /** Takes over fields that others hold. Default true; otherwise they make it reject with reason `Conflict`. */
  force?: boolean;
  /**
   * Only onto this very object, as it was seen: rejects with reason `Conflict` once it has changed or is gone. `null`: only
   * where there is no such object, and with the same refusal where there is one. Default: whatever there is.
   */
  onto?: KubeObject | null;
};

/** `version` is the version of the object after the change; a `BOOKMARK` only moves the version on. */
export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; version: string; object: T }
  | { type: 'BOOKMARK'; version: string };

export type DeleteOptions = {
  /** What happens to the objects that it owns. Default: the garbage collector deletes them afterwards. */
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  /** Delete only the object with this uid, never a later one of the same name. */
  uid?: string;
};

/** One line of a pod's log. */
export type PodLogLine = {
  /** When it was printed: UTC with nine digits behind the second, so that texts compare as times. Null where the node itself speaks. */
  readonly at: string | null;
  /** The line without its end; its beginning, if it is longer than was asked for. */
  readonly text: string;
  /** How long the whole line is. */
  readonly bytes: number;
  /** False for the last one of a log that ends without the end of a line: the rest may still come. */
  readonly isWhole: boolean;
};

export type PodLogOptions = {
  container?: string;
  /** Go on with what is printed, until the container ends. */
  follow?: boolean;
  /** Only what was printed from that time on, which the cluster takes in whole seconds. */
  sinceTime?: string;
  tailLines?: number;
  /** Of a longer line only the beginning is kept. */
  lineBytesMax: number;
  signal: AbortSignal;
};

/**
 * One Kubernetes cluster. Every method rejects with a `ClusterError`, also when the cluster cannot be reached
 * (status 0); 429 and 503 answers with `Retry-After` are waited for and repeated within the request's deadline.
 */
export type Cluster = {
  /** `null` when there is no such object. */
  get<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef): Promise<T | null>;
  /** The complete list, read page by page at one version. Never a part of it: it rejects instead. */
  list<T extends KubeObject>(kind: Kind<T>, selection?: Selection): Promise<ObjectList<T>>;
  /** Rejects with reason `AlreadyExists` when the name is taken. */
  create<T extends KubeObject>(kind: Kind<T>, object: Intent<T>): Promise<T>;
  /**
   * Server-side apply as our field manager: creates the object, or makes the stated fields so and removes those
   * stated before and left out now. A repeat changes nothing.
   */
  apply<T extends KubeObject>(kind: Kind<T>, object: Intent<T>, options?: ApplyOptions): Promise<T>;
  /** Writes the whole object if it still has `metadata.resourceVersion`; rejects with reason `Conflict` otherwise. */
  replace<T extends KubeObject>(kind: Kind<T>, object: T): Promise<T>;
  /** False when there was no such object. True means accepted: finalizers and grace may keep it for a while. */
  delete(kind: Kind, ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /**
   * The changes after `version`, until the server ends the stream or the signal aborts. Throws a `ClusterError`
   * with status 410 when the version is too old: list again. A connection that died without a word is not
   * noticed here; `createCache` does, and most callers want that.
   */
  watch<T extends KubeObject>(
    kind: Kind<T>,
    selection: Selection,
    from: { version: string; signal: AbortSignal },
  ): AsyncIterable<WatchEvent<T>>;
  /**
   * The lines of a pod's log in batches, as they come. Ends with the log: when followed, once the container has ended, but
   * also when the server ends the stream. Read slowly, it makes the cluster wait. Throws when there is no log, or none yet.
   */
  podLog(ref: Required<ObjectRef>, options: PodLogOptions): AsyncIterable<readonly PodLogLine[]>;
  [Symbol.asyncDispose](): Promise<void>;
};
