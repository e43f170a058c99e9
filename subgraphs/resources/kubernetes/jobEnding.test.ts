import { expect, test } from 'vitest';
import type { Job, Pod } from '../../../platform/kubernetes/kinds.js';
import { allStarted, endingOf, type JobFacts } from './jobEnding.js';

const NOW = new Date('2026-11-21T10:10:00Z');
const LONG_AGO = '2026-11-21T10:00:00Z';
const facts: JobFacts = { pods: 1, ran: true, nodes: 'SOUND', now: NOW };

type Condition = { type: string; reason?: string; message?: string };
const conditionsOf = (conditions: readonly Condition[]) =>
  conditions.map((condition) => ({ status: 'True', ...condition }));

const jobWith = (conditions: readonly Condition[], more: Partial<Job['metadata']> = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'job-1-1',
    namespace: 'vision',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: LONG_AGO,
    ...more,
  },
  spec: { parallelism: 1, template: {} },
  status: { conditions: conditionsOf(conditions) },
});
const going = jobWith([]);
const failed = jobWith([{ type: 'Failed', reason: 'BackoffLimitExceeded' }]);

type Terminated = { exitCode: number; reason?: string; message?: string; finishedAt?: string };
const podWith = (
  status: Pod['status'] & object,
  { terminated, waiting }: { terminated?: Terminated; waiting?: { reason: string; message?: string } } = {},
  metadata: Partial<Pod['metadata']> = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'job-1-1-abcde', namespace: 'vision', uid: 'uid', resourceVersion: '1', ...metadata },
  status: {
    startTime: LONG_AGO,
    ...status,
    containerStatuses: [
      {
        name: 'main',
        image: '',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { ...(terminated && { terminated }), ...(waiting && { waiting }) },
      },
    ],
  },
});
const failedPod = (terminated: Terminated, metadata: Partial<Pod['metadata']> = {}) =>
  podWith({ phase: 'Failed' }, { terminated }, metadata);
const runningPod = podWith({ phase: 'Running' });
const disrupted = (reason: string) =>
  podWith({ phase: 'Failed', conditions: conditionsOf([{ type: 'DisruptionTarget', reason }]) });
const deleted = { deletionTimestamp: LONG_AGO };

test.each<{ title: string; job: Job | null; pods: Pod[]; facts?: Partial<JobFacts>; is: object | null }>([
  { title: 'runs', job: going, pods: [runningPod], is: null },
  {
    title: 'is complete',
    job: jobWith([{ type: 'SuccessCriteriaMet' }, { type: 'Complete' }]),
    pods: [],
    is: { reason: 'COMPLETED', exitCode: 0 },
  },
  {
    title: 'ran longer than it may',
    job: jobWith([{ type: 'FailureTarget' }, { type: 'Failed', reason: 'DeadlineExceeded' }]),
    pods: [],
    is: { reason: 'TIME_LIMIT' },
  },
  {
    title: 'failed with an exit code',
    job: failed,
    pods: [failedPod({ exitCode: 3, message: 'no data' })],
    is: { reason: 'EXIT_CODE', exitCode: 3, message: 'no data' },
  },
  {
    title: 'failed first in the pod that ended first, whatever the cluster did to the others',
    job: failed,
    pods: [
      failedPod({ exitCode: 5, finishedAt: '2026-11-21T10:05:02Z' }),
      failedPod({ exitCode: 4, finishedAt: '2026-11-21T10:05:01Z' }),
      failedPod({ exitCode: 137, finishedAt: '2026-11-21T10:05:00Z' }, deleted),
    ],
    is: { reason: 'EXIT_CODE', exitCode: 4, message: 'The container ended with exit code 4.' },
  },
  {
    title: 'was out of memory',
    job: failed,
    pods: [failedPod({ exitCode: 137, reason: 'OOMKilled' })],
    is: { reason: 'OUT_OF_MEMORY', exitCode: 137 },
  },
  {
    title: 'was evicted',
    job: failed,
    pods: [disrupted('EvictionByEvictionAPI')],
    is: { reason: 'EVICTED' },
  },
  {
    title: 'was evicted by its node',
    job: failed,
    pods: [podWith({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' })],
    is: { reason: 'EVICTED', message: 'low on memory' },
  },
  {
    title: 'lost its node by a taint',
    job: failed,
    pods: [disrupted('DeletionByTaintManager')],
    is: { reason: 'NODE_LOST' },
  },
  {
    title: 'lost its node for ever',
    job: failed,
    pods: [disrupted('DeletionByPodGC')],
    is: { reason: 'NODE_LOST' },
  },
  { title: 'lost its pods', job: failed, pods: [], is: { reason: 'PODS_DELETED' } },
  {
    title: 'lost its pods with their node',
    job: failed,
    pods: [],
    facts: { nodes: 'UNSOUND' },
    is: { reason: 'NODE_LOST' },
  },
  {
    title: 'lost its node, which the cluster did not notice yet',
    job: going,
    pods: [runningPod],
    facts: { nodes: 'GONE' },
    is: { reason: 'NODE_LOST' },
  },
  {
    title: 'runs on a node that does not answer now',
    job: going,
    pods: [runningPod],
    facts: { nodes: 'UNSOUND' },
    is: null,
  },
  {
    title: 'lost a pod that somebody deleted while it ran',
    job: failed,
    pods: [failedPod({ exitCode: 143 }, deleted)],
    is: { reason: 'PODS_DELETED', exitCode: null },
  },
  {
    title: 'got another pod for one that ran: the cluster did not notice',
    job: going,
    pods: [podWith({ phase: 'Pending' })],
    is: { reason: 'PODS_DELETED' },
  },
  {
    title: 'lacks a pod that ended well and was cleaned away',
    job: { ...going, status: { succeeded: 1 } },
    pods: [],
    is: null,
  },
  {
    title: 'is about to end, and its pods are being taken away',
    job: jobWith([{ type: 'FailureTarget', reason: 'DeadlineExceeded' }]),
    pods: [],
    is: null,
  },
  { title: 'was deleted', job: jobWith([], deleted), pods: [runningPod], is: { reason: 'PODS_DELETED' } },
  { title: 'is gone', job: null, pods: [runningPod], is: { reason: 'PODS_DELETED' } },
  {
    title: 'was suspended',
    job: { ...going, spec: { parallelism: 1, suspend: true, template: {} } },
    pods: [],
    is: { reason: 'PODS_DELETED' },
  },
  {
    title: 'was scaled down',
    job: { ...going, spec: { parallelism: 0, template: {} } },
    pods: [],
    is: { reason: 'PODS_DELETED' },
  },
  {
    title: 'could not have its devices',
    job: failed,
    pods: [{ ...podWith({}), status: { phase: 'Failed', reason: 'UnexpectedAdmissionError' } }],
    is: { reason: 'CAPACITY_LOST' },
  },
  {
    title: 'was rejected by its node',
    job: failed,
    pods: [{ ...podWith({}), status: { phase: 'Failed', reason: 'NodeAffinity', message: 'no match' } }],
    is: { reason: 'POD_REJECTED', message: 'no match' },
  },
  {
    title: 'waits for an image that cannot be had',
    job: going,
    pods: [podWith({ phase: 'Pending' }, { waiting: { reason: 'ImagePullBackOff', message: 'not found' } })],
    facts: { ran: false },
    is: { reason: 'IMAGE_PULL_FAILED', message: 'not found' },
  },
  {
    title: 'waits for an image that may come yet',
    job: going,
    pods: [
      podWith(
        { phase: 'Pending', startTime: '2026-11-21T10:09:30Z' },
        { waiting: { reason: 'ErrImagePull' } },
      ),
    ],
    facts: { ran: false },
    is: null,
  },
  {
    title: 'names an image that cannot be',
    job: going,
    pods: [
      podWith(
        { phase: 'Pending', startTime: '2026-11-21T10:09:59Z' },
        { waiting: { reason: 'InvalidImageName' } },
      ),
    ],
    facts: { ran: false },
    is: { reason: 'IMAGE_PULL_FAILED' },
  },
  {
    title: 'lacks a secret',
    job: going,
    pods: [podWith({ phase: 'Pending' }, { waiting: { reason: 'CreateContainerConfigError' } })],
    facts: { ran: false },
    is: { reason: 'POD_REJECTED' },
  },
  {
    title: 'gets no pods',
    job: going,
    pods: [],
    facts: { ran: false },
    is: { reason: 'POD_REJECTED' },
  },
  {
    title: 'has no pods yet',
    job: jobWith([], { creationTimestamp: '2026-11-21T10:09:30Z' }),
    pods: [],
    facts: { ran: false },
    is: null,
  },
])('a job that $title', ({ job, pods, facts: more, is }) => {
  const ending = endingOf(job, pods, { ...facts, ...more });
  if (is === null) expect(ending).toBeNull();
  else expect(ending).toMatchObject(is);
});

test('all of a gang runs once each of its pods runs or has ended', () => {
  const pending = podWith({ phase: 'Pending' });
  expect(allStarted(going, [runningPod, pending], 2)).toBe(false);
  expect(allStarted(going, [runningPod, runningPod], 2)).toBe(true);
  expect(allStarted({ ...going, status: { succeeded: 1 } }, [runningPod], 2)).toBe(true);
});
