import type { ExecutionResult } from 'graphql';

type Path = readonly (string | number)[];

/**
 * Null when both answers agree. The data must be equal. Each null that has an error must have one in both; where a
 * null stands in its own place the error's path is that place, and where it was passed up from below, which of the
 * fields below was met first is the executor's choice.
 */
export function difference(expected: ExecutionResult, actual: ExecutionResult): string | null {
  const [wanted, got] = [plain(expected.data), plain(actual.data)];
  if (JSON.stringify(wanted) !== JSON.stringify(got)) return 'data differ';
  const wantedPlaces = places(expected);
  const gotPlaces = places(actual);
  if (wantedPlaces.join() !== gotPlaces.join())
    return `errors differ:\n  expected ${wantedPlaces.join('\n           ')}\n  actual   ${gotPlaces.join('\n           ')}`;
  const paths = (actual.errors ?? []).map(({ path }) => JSON.stringify(path));
  return new Set(paths).size === paths.length ? null : `one place has two errors: ${paths.join()}`;
}

const plain = (data: unknown): unknown => JSON.parse(JSON.stringify(data ?? null));

/** Where each error made a null, once. */
function places({ data, errors = [] }: ExecutionResult): string[] {
  return [...new Set(errors.map(({ path }) => JSON.stringify(nullAt(data, path ?? []))))].toSorted();
}

function nullAt(data: unknown, path: Path): Path | string {
  let value = data;
  for (const [depth, segment] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, depth);
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value === null ? path : `no null at ${JSON.stringify(path)}`;
}
