const callbacksBySignal = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal, which must not be aborted yet, is; until the returned function is called. However many
 * calls run under one signal, it gets one listener: listeners are dear, and more than ten look like a leak.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = callbacksBySignal.get(signal);
  if (!callbacks) {
    const waiting = new Set<() => void>();
    callbacks = waiting;
    callbacksBySignal.set(signal, waiting);
    signal.addEventListener('abort', () => {
      for (const each of [...waiting]) each();
    });
  }
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}
