/** Things by the time at which they end: the earliest is taken first. */
export function createEndings<Thing>() {
  const heap: [at: number, thing: Thing][] = [];
  const at = (index: number) => heap[index]?.[0] ?? Infinity;

  function swap(a: number, b: number): void {
    [heap[a], heap[b]] = [heap[b] as [number, Thing], heap[a] as [number, Thing]];
  }

  return {
    add(time: number, thing: Thing): void {
      heap.push([time, thing]);
      for (let index = heap.length - 1; index > 0;) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= at(index)) return;
        swap(parent, index);
        index = parent;
      }
    },
    take(): [at: number, thing: Thing] | null {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return null;
      if (heap.length === 0) return first;
      heap[0] = last;
      for (let index = 0; ;) {
        const child = at(2 * index + 2) < at(2 * index + 1) ? 2 * index + 2 : 2 * index + 1;
        if (at(index) <= at(child)) return first;
        swap(index, child);
        index = child;
      }
    },
  };
}
