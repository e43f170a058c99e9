/** Runs what concerns the same thing one after another, in the order of the calls; different things at once. */
export function createTurns() {
  const last = new Map<string, Promise<unknown>>();

  return function inTurn<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    const before = last.get(key) ?? Promise.resolve();
    const own = before.then(run, run);
    last.set(key, own);
    const leave = () => {
      if (last.get(key) === own) last.delete(key);
    };
    own.then(leave, leave);
    return own;
  };
}
