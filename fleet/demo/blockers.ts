/** What keeps something from running, as the API says it. */
export type Blocker = {
  code: string;
  need: string | null;
  free: string | null;
  unit: string | null;
  action: string;
};

/** One sentence for each: what is missing, and what would help. */
export const sentenceOf = ({ code, need, free, unit, action }: Blocker): string =>
  need === null ? `${code}: ${action}` : `${code}: it needs ${need} ${unit}, ${free} free. ${action}`;
