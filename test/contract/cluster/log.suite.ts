import { expect, test } from 'vitest';
import type { Cluster, PodLogLine } from '../../../platform/kubernetes/cluster.port.js';
import { jobs, pods } from '../../../platform/kubernetes/kinds.js';
import { sinceOf } from '../../../subgraphs/resources/logs/resumePoint.js';
import type { Connect } from './api.suite.js';
import { completeAfter, createWorld, job, patience, type World } from './clusterWorld.js';

/** Logs of pods. `print` makes the pods print a line, where they do not by themselves. */
export function logSuite(connect: Connect, print: () => Promise<void>): void {
  test('a pod that is not there has no log', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const nobody = { namespace: world.namespace, name: 'nobody' };
    await expect(readSome(cluster, nobody, 1)).rejects.toMatchObject({
      name: 'ClusterError',
      status: 404,
      reason: 'NotFound',
    });
  });

  test('a log that is followed goes on as the pod prints, each line with its time', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const ref = await runningPod(cluster, world);
    await print();
    const lines = await readSome(cluster, ref, 3, print);
    for (const { at, isWhole, text, bytes } of lines) {
      expect({ at, isWhole }).toEqual({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/),
        isWhole: true,
      });
      expect(bytes).toBe(Buffer.byteLength(text));
    }
    const times = lines.map(({ at }) => at ?? '');
    expect(times).toEqual(times.toSorted());
  });

  test('asked for from a time on, a log begins with what was printed in that second', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const ref = await runningPod(cluster, world);
    await print();
    const lines = await readSome(cluster, ref, 4, print);
    const last = lines.at(-1)?.at ?? '';
    const since = sinceOf({ at: last, count: 1, newest: last });
    const again = await readSome(cluster, ref, 1, print, since);
    expect(again[0]).toEqual(lines.find(({ at }) => (at ?? '') >= since.replace('Z', '.')));
  });

  test('the last lines alone can be asked for', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const ref = await runningPod(cluster, world);
    for (let n = 0; n < 3; n += 1) await print();
    const read = async () => {
      const { signal } = new AbortController();
      const lines: PodLogLine[] = [];
      for await (const batch of cluster.podLog(ref, { tailLines: 2, lineBytesMax: 100, signal }))
        lines.push(...batch);
      return lines.length;
    };
    await expect.poll(read, patience).toBe(2);
  });
}

type Ref = { namespace: string; name: string };

async function runningPod(cluster: Cluster, world: World): Promise<Ref> {
  const { namespace } = world;
  const annotations = { ...completeAfter('1h'), 'pod-log.stage.kwok.x-k8s.io/delay': '50ms' };
  await cluster.apply(jobs, job(world, 'train', { completions: 1 }, { annotations }));
  const pod = async () => (await cluster.list(pods, { namespace })).items[0];
  await expect.poll(async () => (await pod())?.status?.phase, patience).toBe('Running');
  return { namespace, name: (await pod())?.metadata.name ?? '' };
}

/** Follows a log until so many lines have come, then stops. */
async function readSome(
  cluster: Cluster,
  ref: Ref,
  count: number,
  print: () => Promise<void> = async () => undefined,
  sinceTime?: string,
): Promise<PodLogLine[]> {
  const signal = AbortSignal.timeout(patience.timeout);
  const lines: PodLogLine[] = [];
  const options = {
    follow: true,
    lineBytesMax: 1_000,
    signal,
    ...(sinceTime !== undefined && { sinceTime }),
  };
  for await (const batch of cluster.podLog(ref, options)) {
    lines.push(...batch);
    if (lines.length >= count) return lines.slice(0, count);
    await print();
  }
  throw new Error(`The log ended with ${lines.length} lines`);
}
