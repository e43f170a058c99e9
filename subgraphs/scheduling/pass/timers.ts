/** What is to be done soon, by name: of two settings of the same, the earlier counts. */
export function createTimers() {
  const running = new Map<string, { timer: NodeJS.Timeout; dueAt: number }>();
  let beating: NodeJS.Timeout | null = null;
  return {
    set(name: string, ms: number, act: () => void): void {
      const dueAt = performance.now() + ms;
      const before = running.get(name);
      if (before && before.dueAt <= dueAt) return;
      if (before) clearTimeout(before.timer);
      const timer = setTimeout(() => {
        running.delete(name);
        act();
      }, ms).unref();
      running.set(name, { timer, dueAt });
    },
    every(ms: number, act: () => void): void {
      beating = setInterval(act, ms).unref();
    },
    clear(): void {
      for (const { timer } of running.values()) clearTimeout(timer);
      running.clear();
      if (beating) clearInterval(beating);
    },
  };
}
