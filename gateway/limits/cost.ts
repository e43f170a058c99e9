/**
 * A predicted cost whose lists may be sized by variables: `fixed`, and for each such list its size times the cost of
 * one item. Built once per document, evaluated per request.
 */
export interface Cost {
  readonly fixed: number;
  readonly sized: readonly { readonly size: Size; readonly each: Cost }[];
  /** How many lists there are in all, those in other lists included: so much evaluating costs. */
  readonly lists: number;
}

export type Variables = Readonly<Record<string, unknown>>;
export type Size = number | ((variables: Variables) => number);

/** Fragments within fragments can multiply lists without end; such a document is taken to be dearer than any limit. */
const LISTS_MAX = 1_000;

export const fixedCost = (fixed: number): Cost => ({ fixed, sized: [], lists: 0 });

export function sumOf(costs: readonly Cost[]): Cost {
  const lists = costs.reduce((sum, cost) => sum + cost.lists, 0);
  if (lists > LISTS_MAX) return fixedCost(Number.MAX_SAFE_INTEGER);
  const fixed = costs.reduce((sum, cost) => sum + cost.fixed, 0);
  return { fixed, sized: costs.flatMap(({ sized }) => sized), lists };
}

/** The cost of a list. A size that is known now is multiplied in, so that most documents cost one addition. */
export function times(size: Size, each: Cost): Cost {
  if (typeof size === 'number' && each.lists === 0) return fixedCost(size * each.fixed);
  return { fixed: 0, sized: [{ size, each }], lists: 1 + each.lists };
}

export const evaluate = ({ fixed, sized }: Cost, variables: Variables): number =>
  sized.reduce(
    (sum, { size, each }) =>
      sum + (typeof size === 'number' ? size : size(variables)) * evaluate(each, variables),
    fixed,
  );
