import { createHash } from 'node:crypto';
import { seconds } from '../api/time.js';
import { earlier } from '../controllers/loop.js';
import { withCondition } from './conditions.js';
import { stageDelayMs } from './delays.js';
import { pods } from '../resources.js';
import type { Controller } from '../controllers/loop.js';
import type { RecordEvent } from '../controllers/eventRecorder.js';
import type { Stage } from './delays.js';
import type { Registry } from '../api/registry.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

const manager = 'kubelet';

type Status = NonNullable<Pod['status']>;
type ContainerState = NonNullable<NonNullable<Status['containerStatuses']>[number]['state']>;

/** The kubelets of all simulated nodes: nothing runs, but every pod goes through the states of one that does. */
export function createKubelets(registry: Registry, record: RecordEvent): Controller {
  /** When each pod's next stage is due, by uid and stage. */
  let dueMs = new Map<string, number>();

  const enter = (pod: Pod, stage: Stage) => {
    if (stage === 'pod-delete') return void registry.delete(pods, pod, { gracePeriodSeconds: 0 });
    const status = nextStatus(pod, stage, registry.now());
    registry.setStatus(pods, pod, status, manager);
    const containers = (pod.spec?.containers ?? []).map(({ name }) => name).join(', ');
    if (stage === 'pod-create')
      record(pod, { reason: 'Created', message: `Created container ${containers}` });
    if (stage === 'pod-ready') record(pod, { reason: 'Started', message: `Started container ${containers}` });
  };

  return {
    name: manager,
    reconcile() {
      const nowMs = registry.now().getTime();
      const stillDue = new Map<string, number>();
      let next: number | null = null;
      for (const pod of registry.list(pods)) {
        const stage = nextStage(pod);
        if (!stage) continue;
        const key = `${pod.metadata.uid} ${stage}`;
        const atMs = dueMs.get(key) ?? beganMs(pod, stage, nowMs) + stageDelayMs(pod, stage);
        if (atMs <= nowMs) enter(pod, stage);
        else {
          stillDue.set(key, atMs);
          next = earlier(next, atMs);
        }
      }
      dueMs = stillDue;
      return next;
    },
  };
}

function nextStage({ metadata, spec, status }: Pod): Stage | null {
  if (!spec?.nodeName) return null;
  if (metadata.deletionTimestamp) return (metadata.finalizers ?? []).length === 0 ? 'pod-delete' : null;
  if (status?.phase === 'Pending') return status.podIP ? 'pod-ready' : 'pod-create';
  if (status?.phase !== 'Running') return null;
  if (metadata.labels?.['pod-container-running-failed.stage.kwok.x-k8s.io'] === 'true')
    return 'pod-container-running-failed';
  return metadata.ownerReferences?.some(({ kind }) => kind === 'Job') ? 'pod-complete' : null;
}

/** Times in a status have whole seconds: only after a restart of this process are they the best that is known. */
const CLOCK_STEP_MS = 1_500;

function beganMs({ status }: Pod, stage: Stage, nowMs: number): number {
  const startedAt = stage === 'pod-complete' ? status?.startTime : undefined;
  const startedMs = startedAt ? Date.parse(startedAt) : nowMs;
  return nowMs - startedMs < CLOCK_STEP_MS ? nowMs : startedMs;
}

function nextStatus(pod: Pod, stage: Exclude<Stage, 'pod-delete'>, now: Date): Status {
  const at = seconds(now);
  const startedAt = pod.status?.startTime ?? at;
  switch (stage) {
    case 'pod-create':
      return {
        ...podStatus(pod, 'Pending', { waiting: { reason: 'ContainerCreating' } }, now),
        hostIP: addressOf('10.0', pod.spec?.nodeName ?? ''),
        podIP: addressOf('10.244', pod.metadata.uid),
      };
    case 'pod-ready':
      return { ...podStatus(pod, 'Running', { running: { startedAt: at } }, now), startTime: at };
    case 'pod-complete':
      return podStatus(
        pod,
        'Succeeded',
        { terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: at } },
        now,
      );
    case 'pod-container-running-failed':
      return podStatus(pod, 'Failed', { terminated: { ...failure(pod), startedAt, finishedAt: at } }, now);
  }
}

function failure({ metadata: { annotations = {} } }: Pod) {
  const setting = (name: string) => annotations[`pod-container-running-failed.stage.kwok.x-k8s.io/${name}`];
  return {
    exitCode: Number(setting('exit-code') ?? 1),
    reason: setting('reason') ?? 'containerFailed',
    message: setting('message') ?? 'container failed',
  };
}

function podStatus(pod: Pod, phase: string, state: ContainerState, now: Date): Status {
  const isUp = phase === 'Running';
  const ready = {
    status: isUp ? 'True' : 'False',
    ...(!isUp && { reason: phase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotReady' }),
  };
  const conditions = [
    { type: 'Initialized', status: 'True' },
    { type: 'ContainersReady', ...ready },
    { type: 'Ready', ...ready },
  ];
  return {
    ...pod.status,
    phase,
    conditions: conditions.reduce((all, each) => withCondition(all, each, now), pod.status?.conditions ?? []),
    containerStatuses: (pod.spec?.containers ?? []).map(({ name, image = '' }) => ({
      name,
      image,
      imageID: '',
      ready: isUp,
      started: isUp,
      restartCount: 0,
      state,
    })),
  };
}

function addressOf(prefix: string, text: string): string {
  const [high = 0, low = 0] = createHash('sha256').update(text).digest();
  return `${prefix}.${high}.${low}`;
}
