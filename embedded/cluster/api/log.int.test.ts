import { expect, test } from 'vitest';
import { buildWith } from '../../../platform/disposables.js';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import type { PodLogOptions } from '../../../platform/kubernetes/cluster.port.js';
import { jobs, pods } from '../../../platform/kubernetes/kinds.js';
import { until } from '../../../test/testkit/until.js';
import { createEmbeddedCluster } from '../cluster.js';

const patience = { timeout: 20_000, interval: 10 };

/** A cluster in which a job's pod runs for so long, and prints a line every 20 ms. */
const startJob = (annotations: Record<string, string> = {}) =>
  buildWith(async ({ use }) => {
    const { kubeconfig } = use(await createEmbeddedCluster());
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'test' }));
    const settings = { 'pod-log': '20ms', 'pod-create': '10ms', 'pod-ready': '10ms', ...annotations };
    const delays = Object.entries(settings).map(([stage, delay]) => [
      `${stage}.stage.kwok.x-k8s.io/delay`,
      delay,
    ]);
    const container = { name: 'main', image: 'registry.example/train:1', command: ['python', 'train.py'] };
    await cluster.create(jobs, {
      metadata: { name: 'train', namespace: 'default' },
      spec: {
        template: {
          metadata: { annotations: Object.fromEntries(delays) },
          spec: { restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }], containers: [container] },
        },
      },
    });
    const pod = async () =>
      (await cluster.list(pods, { namespace: 'default' })).items.find(({ spec }) => spec?.nodeName);
    await until('the pod is placed', async () => (await pod()) !== undefined);
    const ref = { namespace: 'default', name: (await pod())?.metadata.name ?? '' };
    const read = async (options: Partial<PodLogOptions> = {}) => {
      const lines: { at: string | null; text: string }[] = [];
      const signal = AbortSignal.timeout(20_000);
      for await (const batch of cluster.podLog(ref, { lineBytesMax: 1_000, signal, ...options }))
        lines.push(...batch.map(({ at, text }) => ({ at, text })));
      return lines;
    };
    const phase = async () => (await pod())?.status?.phase;
    return { cluster, ref, read, phase, kubeconfig };
  });

test('a training prints its start, its steps and its end, and the same again when it is over', async () => {
  await using world = await startJob({ 'pod-complete': '1s' });
  await expect.poll(world.phase, patience).toBe('Running');
  const followed = await world.read({ follow: true });
  expect(followed[0]?.text).toBe('main started: python train.py');
  expect(followed.at(-1)?.text).toBe('main ended: Completed (exit code 0)');
  const steps = followed.filter(({ text }) => / step \d+ loss \d+\.\d{4} /.test(text));
  expect(steps.length).toBeGreaterThan(20);
  const times = followed.map(({ at }) => at ?? '');
  expect(times).toEqual(times.toSorted());
  expect(await world.read()).toEqual(followed);
  const last = times.at(-1) ?? '';
  const since = `${last.slice(0, 19)}Z`;
  expect(await world.read({ sinceTime: since })).toEqual(
    followed.filter(({ at }) => (at ?? '') >= `${last.slice(0, 19)}.`),
  );
  expect(await world.read({ tailLines: 3 })).toEqual(followed.slice(-3));
});

test('a pod that has not started has no log yet', async () => {
  await using world = await startJob({ 'pod-create': '1h' });
  await expect(world.read()).rejects.toMatchObject({ status: 400, reason: 'BadRequest' });
});

test('a log that is followed ends when its pod is deleted', async () => {
  await using world = await startJob();
  await expect.poll(world.phase, patience).toBe('Running');
  const following = world.read({ follow: true });
  await world.cluster.delete(jobs, { namespace: 'default', name: 'train' });
  expect((await following).length).toBeGreaterThan(0);
  await expect(world.read()).rejects.toMatchObject({ status: 404 });
});

test('a container that is not there and a time that is none are refused', async () => {
  await using world = await startJob();
  await expect.poll(world.phase, patience).toBe('Running');
  await expect(world.read({ container: 'sidecar' })).rejects.toMatchObject({ status: 400 });
  await expect(world.read({ sinceTime: 'yesterday' })).rejects.toMatchObject({ status: 400 });
});

test('no more bytes are sent than were asked for', async () => {
  await using world = await startJob();
  await expect.poll(world.phase, patience).toBe('Running');
  const { server } = (JSON.parse(world.kubeconfig) as { clusters: [{ cluster: { server: string } }] })
    .clusters[0].cluster;
  const path = `/api/v1/namespaces/default/pods/${world.ref.name}/log?limitBytes=10&follow=true`;
  expect(await (await fetch(server + path)).text()).toBe('main start');
});
