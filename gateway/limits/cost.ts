/**
 * A predicted cost whose lists may be sized by variables: `fixed`, and for each such list its size times the cost of
 * one item. Built once per document, evaluated per request.
 */
export interface Cost {
  readonly fixed: number;
  readonly sized: readonly { readonly size: Size; readonly each: Cost }[];
}

export type Variables = Readonly<Record<string, unknown>>;
export type Size = number | ((variables: Variables) => number);

export const fixedCost = (fixed: number): Cost => ({ fixed, sized: [] });

/** Fragments within fragments can multiply lists without end; such a document is taken to be dearer than any limit. */
const SIZED_MAX = 1_000;

export function sumOf(costs: readonly Cost[]): Cost {
  const sized = costs.flatMap((cost) => cost.sized);
  if (sized.length > SIZED_MAX) return fixedCost(Number.MAX_SAFE_INTEGER);
  return { fixed: costs.reduce((sum, { fixed }) => sum + fixed, 0), sized };
}

/** The cost of a list. A size that is known now is multiplied in, so that most documents cost one addition. */
export function times(size: Size, each: Cost): Cost {
  if (typeof size === 'function') return { fixed: 0, sized: [{ size, each }] };
  return {
    fixed: size * each.fixed,
    sized: each.sized.map((item) => ({ size, each: { fixed: 0, sized: [item] } })),
  };
}

export const evaluate = ({ fixed, sized }: Cost, variables: Variables): number =>
  sized.reduce(
    (sum, { size, each }) =>
      sum + (typeof size === 'number' ? size : size(variables)) * evaluate(each, variables),
    fixed,
  );
