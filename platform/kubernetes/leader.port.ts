/** One of several processes leads at a time, elected by a `Lease` object. */
export type Leader = {
  /** True only while our lease cannot have been taken by another, measured by our own monotonic clock. */
  isLeader(): boolean;
  /**
   * The fencing token of the current term: it grows with every change of leader. Store it with what a leader
   * writes and refuse smaller ones. `null` when this process does not lead.
   */
  token(): number | null;
  /** Tells of every gain and loss. Returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Gives the lease back, so that another takes it at once. */
  [Symbol.asyncDispose](): Promise<void>;
};

export type LeaderOptions = {
  namespace: string;
  name: string;
  /** Unique per process. */
  identity: string;
  /** How long the others wait for a leader that went silent. Default 15 s. */
  leaseMs?: number;
  /** How often the leader renews and the others look. Default a fifth of `leaseMs`. */
  renewMs?: number;
  onError?: (error: unknown) => void;
};
