/** What decides who is first: the higher priority, then who was submitted earlier. Ids grow with the time of submission. */
export type Place = { readonly id: string; readonly priority: number };

/** Jobs in the order in which they are served: changed by the functions below alone. */
export type JobOrder<Job extends Place> = readonly Job[];

export const byPlace = (a: Place, b: Place): number =>
  b.priority - a.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The same job again takes the place of the first. */
export function addTo<Job extends Place>(order: JobOrder<Job>, job: Job): void {
  const index = indexIn(order, job);
  (order as Job[]).splice(index, order[index]?.id === job.id ? 1 : 0, job);
}

export function removeFrom<Job extends Place>(order: JobOrder<Job>, job: Place): void {
  const index = indexIn(order, job);
  if (order[index]?.id === job.id) (order as Job[]).splice(index, 1);
}

/** From 1; null for a job that is not there. Takes as many steps as the logarithm of their number. */
export function positionIn(order: JobOrder<Place>, job: Place): number | null {
  const index = indexIn(order, job);
  return order[index]?.id === job.id ? index + 1 : null;
}

/** Where the job is, or would have to be. */
function indexIn(order: JobOrder<Place>, job: Place): number {
  // Most come in the order in which they are served.
  const last = order.at(-1);
  if (!last || byPlace(last, job) < 0) return order.length;
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byPlace(order[middle] as Place, job) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
