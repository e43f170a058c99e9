import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError, isAlreadyExists, isConflict } from './clusterError.js';
import { leases } from './kinds.js';
import type { Cluster } from './cluster.port.js';
import type { Lease } from './kinds.js';
import type { Leader, LeaderOptions } from './leader.port.js';

/** Takes part in the election that the Lease `namespace/name` decides, until it is disposed of. */
export function electLeader(
  cluster: Pick<Cluster, 'get' | 'create' | 'replace'>,
  {
    namespace,
    name,
    identity,
    leaseMs = 15_000,
    renewMs = leaseMs / 5,
    onError = () => undefined,
  }: LeaderOptions,
): Leader {
  const stopped = new AbortController();
  const listeners = new Set<() => void>();
  /** Our term: its token, and until when by our own clock nobody else may have taken the lease. */
  let term: { token: number; untilMs: number; lease: Lease } | null = null;
  /** The lease of another and since when, by our own clock, it has not changed. Clocks of others are not trusted. */
  let seen: { version: string; sinceMs: number } | null = null;
  let told = false;
  let expiry: NodeJS.Timeout | undefined;

  const isLeader = () => term !== null && performance.now() < term.untilMs;

  const tell = () => {
    if (isLeader() === told) return;
    told = !told;
    for (const listener of listeners) listener();
  };

  /** The terms of a lease start before the request that takes it: that is the only moment that we know for sure. */
  const accept = (lease: Lease, sentAtMs: number) => {
    const untilMs = sentAtMs + leaseMs;
    term = { token: lease.spec?.leaseTransitions ?? 0, untilMs, lease };
    // A renewal may hang longer than the term lasts.
    clearTimeout(expiry);
    expiry = setTimeout(tell, Math.ceil(untilMs - performance.now()) + 1);
  };

  const take = async () => {
    const sentAtMs = performance.now();
    const lease = await cluster.get(leases, { namespace, name });
    if (!lease) {
      // Counted on from the time of day, so that who deletes a lease does not make its tokens small again.
      const leaseTransitions = Math.floor(Date.now() / 1000);
      const spec = { ...termSpec(identity, leaseMs), leaseTransitions };
      return accept(await cluster.create(leases, { metadata: { namespace, name }, spec }), sentAtMs);
    }
    const { resourceVersion: version } = lease.metadata;
    if (seen?.version !== version) seen = { version, sinceMs: sentAtMs };
    const holder = lease.spec?.holderIdentity;
    const holderMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
    if (holder && holder !== identity && sentAtMs - seen.sinceMs < holderMs) return;
    // Also after our own restart under the same name: a new term gets a new token.
    const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + 1;
    const spec = { ...termSpec(identity, leaseMs), leaseTransitions };
    accept(await cluster.replace(leases, { ...lease, spec }), sentAtMs);
  };

  const renew = async ({ lease }: { lease: Lease }) => {
    const sentAtMs = performance.now();
    const spec = { ...lease.spec, renewTime: microTime() };
    accept(await cluster.replace(leases, { ...lease, spec }), sentAtMs);
  };

  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        // A term that ran out is over, even if nobody else took the lease: work may have been done in between.
        if (term && isLeader()) await renew(term);
        else {
          term = null;
          tell();
          await take();
        }
      } catch (error) {
        if (isConflict(error) || (error instanceof ClusterError && error.status === 404)) term = null;
        else if (!isAlreadyExists(error)) onError(error);
      }
      tell();
      const waitMs = term ? Math.min(renewMs, Math.max(term.untilMs - performance.now(), 0)) : renewMs;
      await delay(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = run();

  return {
    isLeader,
    token: () => (isLeader() ? (term?.token ?? null) : null),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await running;
      clearTimeout(expiry);
      if (term && isLeader()) {
        const { lease } = term;
        term = null;
        tell();
        // If this fails, the others wait for the lease to run out.
        await cluster
          .replace(leases, { ...lease, spec: { ...lease.spec, holderIdentity: '' } })
          .catch(onError);
      }
    },
  };
}

const microTime = () => new Date().toISOString().replace('Z', '000Z');

function termSpec(holderIdentity: string, leaseMs: number) {
  const now = microTime();
  return {
    holderIdentity,
    leaseDurationSeconds: Math.ceil(leaseMs / 1000),
    acquireTime: now,
    renewTime: now,
  };
}
