/** What decides who is first: the higher priority, then who was submitted earlier. Ids grow with the time of submission. */
export type Place = { readonly id: string; readonly priority: number };

export const byPlace = (a: Place, b: Place): number =>
  b.priority - a.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Jobs in the order in which they are served. Finding one takes as many steps as the logarithm of their number. */
export function createJobOrder<Job extends Place>() {
  const jobs: Job[] = [];

  /** Where the job is, or would have to be. */
  function indexOf(job: Place): number {
    let [low, high] = [0, jobs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byPlace(jobs[middle] as Job, job) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    get size() {
      return jobs.length;
    },
    get first(): Job | undefined {
      return jobs[0];
    },
    all: (): readonly Job[] => jobs,
    /** The same job again takes the place of the first. */
    add(job: Job): void {
      const index = indexOf(job);
      jobs.splice(index, jobs[index]?.id === job.id ? 1 : 0, job);
    },
    remove(job: Place): void {
      const index = indexOf(job);
      if (jobs[index]?.id === job.id) jobs.splice(index, 1);
    },
    /** From 1; null for a job that is not there. */
    position(job: Place): number | null {
      const index = indexOf(job);
      return jobs[index]?.id === job.id ? index + 1 : null;
    },
  };
}

export type JobOrder<Job extends Place> = ReturnType<typeof createJobOrder<Job>>;
