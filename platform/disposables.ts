/** Things to close in the reverse order of their opening. Node 20 has no AsyncDisposableStack yet. */
export interface Disposables extends AsyncDisposable {
  readonly use: <Thing extends AsyncDisposable>(thing: Thing) => Thing;
}

/** Every one is closed, whatever the others do; the first failure is thrown at the end. */
export function createDisposables(): Disposables {
  const closings: (() => PromiseLike<void>)[] = [];
  return {
    use(thing) {
      // As it closes now: what is built of this one thing alone will close everything (see `buildWith`).
      closings.push(thing[Symbol.asyncDispose].bind(thing));
      return thing;
    },
    async [Symbol.asyncDispose]() {
      const failures: unknown[] = [];
      for (const close of closings.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Builds something of several parts. If the building fails, what was opened so far is closed. */
export async function buildWith<Result extends object>(
  build: (disposables: Disposables) => Promise<Result>,
): Promise<Result & AsyncDisposable> {
  const disposables = createDisposables();
  try {
    const built = await build(disposables);
    return Object.assign(built, { [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() });
  } catch (error) {
    await disposables[Symbol.asyncDispose]();
    throw error;
  }
}
