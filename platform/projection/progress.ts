import type { Position } from '../eventStore/event.js';

/** How far a reader of events has come, and who waits for it to get somewhere. */
export interface Progress {
  readonly position: Position;
  /** Resolves true once it has read up to the position, or false after the time. */
  reaches(position: Position, timeoutMs: number): Promise<boolean>;
}

export function createProgress(start: Position): Progress & { moveTo(reached: Position): void } {
  let position = start;
  const waiting = new Map<() => void, Position>();
  return {
    get position() {
      return position;
    },
    moveTo(reached) {
      position = reached;
      for (const [resume, until] of waiting) if (until <= reached) resume();
    },
    reaches: (until, timeoutMs) =>
      new Promise<boolean>((resolve) => {
        if (until <= position) return resolve(true);
        const end = (reached: boolean) => {
          clearTimeout(timer);
          waiting.delete(resume);
          resolve(reached);
        };
        const resume = () => end(true);
        const timer = setTimeout(() => end(false), timeoutMs).unref();
        waiting.set(resume, until);
      }),
  };
}
