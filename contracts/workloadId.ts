/** The stream of what runs in the cluster for one attempt of a job, or for a deployment (whose one attempt is 1). */
export const workloadIdOf = (ownerId: string, attempt: number): string => `workload_${ownerId}_${attempt}`;

/** Whose workload it is; null where the id is none of a workload. */
export function readWorkloadId(id: string): { ownerId: string; attempt: number } | null {
  const [, ownerId, attempt] = /^workload_(.+)_(\d+)$/.exec(id) ?? [];
  return ownerId === undefined ? null : { ownerId, attempt: Number(attempt) };
}
