import { ApiError } from '../api/apiError.js';
import { controllerUid } from './owners.js';
import { pods } from '../resources.js';
import type { RecordEvent } from './eventRecorder.js';
import type { Draft, Registry } from '../api/registry.js';
import type { KubeObject, Pod } from '../../../platform/kubernetes/kinds.js';

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;

/** Creates pods for one kind of workload; after a refusal it waits, longer each time. */
export type PodControl = {
  of: (owner: KubeObject) => Pod[];
  /** False when the API refused, or refused a moment ago. */
  create: (owner: KubeObject, pod: Draft) => boolean;
  delete: (owner: KubeObject, pod: Pod) => void;
  /** When a refused owner may be tried again (epoch ms), `null` when none waits. */
  nextRetryMs: () => number | null;
};

/** `toMessage` words the event about a refused pod, as the real controller words it. */
export function createPodControl(
  registry: Registry,
  record: RecordEvent,
  manager: string,
  toMessage = (_owner: KubeObject, _pod: Draft, why: string) => `Error creating: ${why}`,
): PodControl {
  const refused = new Map<string, { untilMs: number; delayMs: number }>();
  return {
    of: indexPods(registry),
    create(owner, draft) {
      const { uid } = owner.metadata;
      const nowMs = registry.now().getTime();
      const last = refused.get(uid);
      if (last && last.untilMs > nowMs) return false;
      try {
        const pod = registry.create(pods, draft, { manager });
        refused.delete(uid);
        record(owner, { reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const delayMs = Math.min((last?.delayMs ?? RETRY_MIN_MS / 2) * 2, RETRY_MAX_MS);
        refused.set(uid, { untilMs: nowMs + delayMs, delayMs });
        record(owner, {
          type: 'Warning',
          reason: 'FailedCreate',
          message: toMessage(owner, draft, error.message),
        });
        return false;
      }
    },
    delete(owner, pod) {
      if (pod.metadata.deletionTimestamp) return;
      registry.delete(pods, pod);
      record(owner, { reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    },
    nextRetryMs() {
      const nowMs = registry.now().getTime();
      const waiting = [...refused.values()]
        .map(({ untilMs }) => untilMs)
        .filter((untilMs) => untilMs > nowMs);
      return waiting.length > 0 ? Math.min(...waiting) : null;
    },
  };
}

/** The pods of each controller, by its uid, kept up to date change by change. */
function indexPods(registry: Registry): (owner: KubeObject) => Pod[] {
  const byOwner = new Map<string, Map<string, Pod>>();
  const keep = (pod: Pod, isThere: boolean) => {
    const owner = controllerUid(pod);
    if (owner === undefined) return;
    const owned = byOwner.get(owner) ?? new Map<string, Pod>();
    if (isThere) owned.set(pod.metadata.uid, pod);
    else owned.delete(pod.metadata.uid);
    if (owned.size > 0) byOwner.set(owner, owned);
    else byOwner.delete(owner);
  };
  for (const pod of registry.list(pods)) keep(pod, true);
  registry.subscribe(({ type, resource, object, previous }) => {
    if (resource.plural !== pods.plural) return;
    if (previous) keep(previous as Pod, false);
    if (type !== 'DELETED') keep(object as Pod, true);
  });
  return ({ metadata: { uid } }) => [...(byOwner.get(uid)?.values() ?? [])];
}

export const isReady = ({ status }: Pod) =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

export const isFinished = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed';
