import { seconds } from '../api/time.js';

type Condition = {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
};

/** The conditions with one of them replaced; its transition time moves only when its status does. */
export function withCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  condition: T,
  now: Date,
): T[] {
  const before = conditions?.find(({ type }) => type === condition.type);
  const moved = before?.status !== condition.status;
  const lastTransitionTime = moved ? seconds(now) : before?.lastTransitionTime;
  const others = (conditions ?? []).filter(({ type }) => type !== condition.type);
  return [...others, { ...condition, ...(lastTransitionTime !== undefined && { lastTransitionTime }) }];
}
