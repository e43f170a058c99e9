import type { Lease, Term } from '../../platform/lease/lease.js';

const term: Term = { epoch: 1n, isOver: () => false, over: new AbortController().signal };

/** The lease of a process that is alone: it leads, always. */
export const leading: Lease = {
  name: 'leading',
  term: () => term,
  next: (signal) => Promise.resolve(signal.aborted ? null : term),
};
