import { createHash } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { pause } from '../../platform/pause.js';
import type { Feed } from './feed.js';
import { type Job, readJob } from './job.js';
import { isMore, type Money, shown } from './money.js';
import { type Stage, waitUntil } from './stage.js';
import { expectSame, expectThat } from './surprise.js';

/** How long the running job is looked at, and how often what it does is told. */
const LOOKS = 4;
const LOOK_EVERY_MS = 1_500;

/** A job that is being watched by all its streams. */
export interface AtWork {
  /** To be called when the job has ended: checks what the streams delivered. The digest of what the job printed. */
  finish(): Promise<string>;
}

type Sample = {
  gpu: { id: string };
  utilization: number | null;
  memoryUsedMiB: number | null;
  powerW: number | null;
  temperatureC: number | null;
  job: { id: string } | null;
};
type LogLine = { cursor: string; attempt: number; line: string };
type Tick = { accrued: Money; ratePerHour: Money };
type Streams = { metrics: Feed<Sample[]>; logs: Feed<LogLine[]>; ticks: Feed<Tick> };

/** Opens the job's metrics, its log and its cost at once, and tells for some seconds what comes. */
export async function watchAtWork(stage: Stage, job: Job, ratePerHour: string): Promise<AtWork> {
  const { cast, screen, signal } = stage;
  const { researcher } = cast;
  const selector = { jobId: job.id };
  const streams: Streams = {
    metrics: researcher.watch('GpuMetrics', { selector, maxHz: 1 }),
    logs: researcher.watch('JobLogs', { id: job.id }),
    ticks: researcher.watch('CostTicker', { scope: selector }),
  };
  screen.tell(researcher.username, `watches ${job.name} at work: GpuMetrics, JobLogs and CostTicker at once`);
  screen.awaits('the cost of the job grows');
  const first = await streams.ticks.until('the cost of the job is told', () => true);
  for (let look = 0; look < LOOKS; look++) {
    await pause(LOOK_EVERY_MS, signal);
    screen.note(glance(streams));
  }
  await streams.ticks.until(
    'the cost of the job grows',
    ({ accrued, ratePerHour: rate }) =>
      rate.amount === ratePerHour && isMore(accrued.amount, first.accrued.amount),
  );

  return {
    async finish() {
      await using _metrics = streams.metrics;
      await using _logs = streams.logs;
      await using _ticks = streams.ticks;
      for (const stream of Object.values(streams)) stream.check();
      await checkMetrics(stage, job, streams.metrics);
      checkTicks(streams.ticks);
      return digestOf(await readLog(stage, job, streams.logs));
    },
  };
}

function glance({ metrics, logs, ticks }: Streams): string {
  const [sample] = metrics.items.at(-1) ?? [];
  const line = logs.items.at(-1)?.at(-1)?.line;
  const tick = ticks.items.at(-1);
  const parts = [
    sample && `GPU ${sample.utilization} % ${sample.powerW} W ${sample.temperatureC} °C`,
    tick && shown(tick.accrued),
    line !== undefined && printable(line).slice(0, 60),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** What a program printed may hold anything: nothing of it may steer the terminal. */
const printable = (line: string) =>
  // oxlint-disable-next-line no-control-regex
  stripVTControlCharacters(line).replaceAll(/[\u0000-\u001f\u007f]/g, ' ');

/** Every sample is of a device that the job had. A cluster without exporters delivers none, which is no fault. */
async function checkMetrics(stage: Stage, job: Job, { items }: Feed<Sample[]>): Promise<void> {
  const samples = items.flat();
  const { attempts } = await readJob(stage, job.id);
  const devices = attempts.flatMap(({ allocations }) => allocations.map(({ gpu }) => gpu.id));
  if (samples.length === 0) {
    stage.screen.note('This cluster shows no GPU metrics: it has no exporters.');
    return;
  }
  const strange = samples.filter(({ gpu }) => !devices.includes(gpu.id));
  expectThat('all samples are of the job’s devices', strange.length === 0, strange);
  const busy = Math.max(...samples.map(({ utilization }) => utilization ?? 0));
  expectThat('its GPUs are at work', busy > 0 && busy <= 100, busy);
  stage.screen.note(`${samples.length} samples of ${devices.length} GPUs, at most ${busy} % busy`);
}

/** Only when it ends may a cost turn out less than was told a moment ago: its end is heard a little later than it was. */
function checkTicks({ items }: Feed<Tick>): void {
  const running = items.filter(({ ratePerHour }) => ratePerHour.amount !== '0');
  const shrunk = running.filter(({ accrued }, at) =>
    isMore(running[at - 1]?.accrued.amount ?? '0', accrued.amount),
  );
  expectThat('cost never shrinks while it runs', shrunk.length === 0, shrunk);
}

/** The log read live is the same as the one read again from its start, after the pods are gone. */
async function readLog(stage: Stage, job: Job, live: Feed<LogLine[]>): Promise<string[]> {
  const { researcher } = stage.cast;
  await using again = researcher.watch<LogLine[]>('JobLogs', { id: job.id });
  const linesOf = ({ items }: Feed<LogLine[]>) => items.flat().map(({ line }) => line);
  if (live.items.length === 0) {
    stage.screen.note('This cluster keeps no logs of its pods.');
    return [];
  }
  const text = () => linesOf(again).join('\n');
  await waitUntil(
    stage,
    'the log reads the same after the job as while it ran',
    () => Promise.resolve(text()),
    (read) => read === linesOf(live).join('\n'),
  );
  const cursors = again.items.flat().map(({ cursor }) => cursor);
  expectSame('the number of different cursors', cursors.length, new Set(cursors).size);
  stage.screen.note(`${cursors.length} lines of its log, kept after its pods are gone`);
  return linesOf(again);
}

const digestOf = (lines: readonly string[]) =>
  `sha256:${createHash('sha256').update(lines.join('\n')).digest('hex')}`;
