export type Done = { username: string; text: string };
type End = (signal: AbortSignal) => Promise<Done | null>;

/** What the story has begun and that must not outlive it, however it ends. */
export interface Begun {
  /** `end` ends the thing if it is not over yet, waits until it is, and says who did what; null if nothing was left to do. */
  add(what: string, end: End): void;
  /** Ends everything, the newest first. What could not be ended is told and does not keep the others from it. */
  endAll(listener: { ended(done: Done): void; failed(text: string): void }): Promise<boolean>;
}

const PATIENCE_MS = 40_000;

export function createBegun(): Begun {
  const things: { what: string; end: End }[] = [];
  return {
    add: (what, end) => void things.push({ what, end }),
    async endAll({ ended, failed }) {
      let complete = true;
      const signal = AbortSignal.timeout(PATIENCE_MS);
      for (const { what, end } of things.splice(0).reverse())
        try {
          const done = await end(signal);
          if (done !== null) ended(done);
        } catch (error) {
          complete = false;
          failed(`${what} is left: ${error instanceof Error ? error.message : String(error)}`);
        }
      return complete;
    },
  };
}
