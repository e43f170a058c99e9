import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A message as a client sees it that knows nothing of Fleetgraph. */
export interface SeenMessage {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

type KcatMessage = {
  partition: number;
  offset: number;
  ts: number;
  key: string | null;
  payload: string | null;
  headers?: string[];
};

/** All that a topic has now, from its first message on. */
export async function readTopic(brokers: string, topic: string): Promise<SeenMessage[]> {
  const { stdout } = await run(
    'kcat',
    ['-C', '-b', brokers, '-t', topic, '-o', 'beginning', '-e', '-q', '-J'],
    {
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { partition, offset, ts, key, payload, headers = [] } = JSON.parse(line) as KcatMessage;
    return { partition, offset, timestampMs: ts, key, value: payload, headers: paired(headers) };
  });
}

/** Puts a message on a topic as anybody with the right to could. */
export async function produce(brokers: string, topic: string, value: string): Promise<void> {
  const producing = run('kcat', ['-P', '-b', brokers, '-t', topic, '-p', '0', '-k', 'garbage']);
  producing.child.stdin?.end(value);
  await producing;
}

const paired = (list: readonly string[]): Record<string, string> =>
  Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? '']] : [])));
