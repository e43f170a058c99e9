import { expect, test } from 'vitest';
import type { Pod } from '../../../platform/kubernetes/kinds.js';
import { type JobPod, jobPodOf, podsToRead } from './jobPod.js';

const podWith = (
  labels: Record<string, string>,
  status: object = {},
  annotations: Record<string, string> = {},
): Pod =>
  ({
    metadata: { name: 'train', namespace: 'vision', uid: 'uid-1', resourceVersion: '1', labels, annotations },
    status,
  }) as Pod;

const ofJob = { 'fleetgraph.dev/job': 'job_1', 'fleetgraph.dev/attempt': '2' };
const container = (state: object) => ({ containerStatuses: [{ name: 'main', state }] });

test('a pod tells by its labels of which attempt it is, and by its annotation which of several', () => {
  const index = { 'batch.kubernetes.io/job-completion-index': '3' };
  expect(jobPodOf(podWith(ofJob, container({ running: {} }), index))).toEqual({
    jobId: 'job_1',
    attempt: 2,
    pod: 3,
    podUid: 'uid-1',
    ref: { namespace: 'vision', name: 'train' },
    hasLog: true,
    mayHaveLog: true,
    isOver: false,
  });
  expect(jobPodOf(podWith({ app: 'notebook' }))).toBeNull();
  expect(jobPodOf(podWith({ ...ofJob, 'fleetgraph.dev/attempt': 'x' }))).toBeNull();
});

test.each([
  ['waits', { phase: 'Pending', ...container({ waiting: {} }) }, false, true],
  ['has ended', { phase: 'Succeeded', ...container({ terminated: { exitCode: 0 } }) }, true, true],
  ['was evicted before it began', { phase: 'Failed' }, false, false],
])('a pod that %s', (_title, status, hasLog, mayHaveLog) => {
  expect(jobPodOf(podWith(ofJob, status))).toMatchObject({ hasLog, mayHaveLog });
});

const pod = (jobId: string, attempt: number, index: number, more: Partial<JobPod> = {}): JobPod => ({
  jobId,
  attempt,
  pod: index,
  podUid: `${jobId} ${attempt} ${index}`,
  ref: { namespace: 'vision', name: 'train' },
  hasLog: true,
  mayHaveLog: true,
  isOver: false,
  ...more,
});

test('the pods of an attempt are read together, those of the next once all of them are read', () => {
  const read = new Set<string>();
  const all = [pod('a', 2, 0), pod('a', 1, 0), pod('a', 1, 1), pod('b', 7, 0)];
  const next = () => podsToRead(all, (uid) => read.has(uid)).map(({ podUid }) => podUid);
  expect(next()).toEqual(['a 1 0', 'a 1 1', 'b 7 0']);
  read.add('a 1 1');
  expect(next()).toEqual(['a 1 0', 'b 7 0']);
  read.add('a 1 0');
  expect(next()).toEqual(['a 2 0', 'b 7 0']);
});

test('an attempt waits for one before it that may still begin, and for none that cannot', () => {
  const waits = pod('a', 1, 0, { hasLog: false });
  expect(podsToRead([waits, pod('a', 2, 0)], () => false)).toEqual([]);
  const never = pod('a', 1, 0, { hasLog: false, mayHaveLog: false });
  expect(podsToRead([never, pod('a', 2, 0)], () => false)).toHaveLength(1);
});
