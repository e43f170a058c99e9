import type { KubeObject } from './kinds.js';

/** All objects of a selection at one moment, by `namespace/name` (by `name` where there is no namespace). */
export type Snapshot<T> = { objects: ReadonlyMap<string, T>; version: string };

/** A local copy of the objects of one kind and selection, kept by list and watch. */
export type Cache<T extends KubeObject> = {
  /**
   * The complete copy, or `null` while it is not known: before the first successful list, and after `wrote`
   * until the copy contains that write. Never act on `null`: a failed list is not an empty one.
   */
  snapshot(): Snapshot<T> | null;
  /** Resolves with the first snapshot that is known from now on. Rejects when the signal aborts. */
  known(signal: AbortSignal): Promise<Snapshot<T>>;
  /** Tells of every change of the copy, and of every resync, in one call per batch. Returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Reports an object as the cluster returned it to our own write, so that nobody acts on an older copy. */
  wrote(object: KubeObject): void;
  [Symbol.asyncDispose](): Promise<void>;
};

export type CacheOptions = {
  /** Calls `onChange` this often without a change, so that level-triggered readers put drift right. Default 30 s. */
  resyncMs?: number;
  /** After so much silence of the watch, a list proves whether it still works. Default 6 s. */
  silenceMs?: number;
  /** Told of every failed list or watch; the cache goes on by itself, with a growing pause of at most 2 s. */
  onError?: (error: unknown) => void;
};
