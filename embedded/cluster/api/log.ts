import { badRequest } from './apiError.js';
import { type ContainerEnd, containerLog } from '../kubelet/podLog.js';
import { fraction } from '../metrics/gpuLoad.js';
import { pods } from '../resources.js';
import type { ServerResponse } from 'node:http';
import type { Registry } from './registry.js';
import type { Route } from './route.js';
import type { Printed } from '../kubelet/trainingLog.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

export type LogRequest = {
  registry: Registry;
  route: Route;
  query: URLSearchParams;
  response: ServerResponse;
};

/** Answers with the log of a pod's container, and with what it prints from then on if that is asked for. */
export function streamLog({ registry, route: { namespace, name = '' }, query, response }: LogRequest): void {
  const pod = registry.get(pods, namespace, name);
  const container = containerOf(pod, query.get('container'));
  const log = containerLog(pod, container);
  if (!log)
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
  const write = createWriter(query, registry.now(), response);
  const nowMs = () => registry.now().getTime();
  const take = createReading(log.printed);
  const first = take(log.end, nowMs());
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  write(first.printed, countOf(query, 'tailLines') ?? Infinity);
  if (log.end || query.get('follow') !== 'true') return void response.end();

  let timer = wakeAt(first.nextMs);
  const unsubscribe = registry.subscribe(({ resource, object }) => {
    if (resource === pods && object.metadata.uid === pod.metadata.uid) goOn();
  });
  response.on('close', () => {
    unsubscribe();
    clearTimeout(timer);
  });

  function goOn(): void {
    clearTimeout(timer);
    if (response.writableEnded) return;
    const current = registry.find(pods, namespace, name);
    const isThere = current?.metadata.uid === pod.metadata.uid;
    const end = isThere ? (containerLog(current, container)?.end ?? null) : null;
    const { printed, nextMs } = take(end, nowMs());
    write(printed);
    if (end || !isThere) response.end();
    // A reader that does not read is waited for, as a kubelet does.
    else if (response.writableNeedDrain) response.once('drain', goOn);
    else timer = wakeAt(nextMs);
  }

  function wakeAt(atMs: number): NodeJS.Timeout | undefined {
    return atMs === Infinity ? undefined : setTimeout(goOn, atMs - nowMs());
  }
}

function containerOf({ metadata, spec }: Pod, wanted: string | null): string {
  const names = (spec?.containers ?? []).map(({ name }) => name);
  const container = wanted ?? names[0] ?? '';
  if (names.includes(container)) return container;
  throw badRequest(`container ${container} is not valid for pod ${metadata.name}`);
}

/** Takes what was printed since the last time, the last words too once the container has ended, and tells when more is due. */
function createReading(lines: Iterator<Printed>) {
  let next = lines.next();
  return (end: ContainerEnd | null, nowMs: number): { printed: Printed[]; nextMs: number } => {
    const untilMs = end?.atMs ?? nowMs;
    const printed: Printed[] = [];
    for (; !next.done && next.value.atMs <= untilMs; next = lines.next()) printed.push(next.value);
    if (end) printed.push(end);
    return { printed, nextMs: next.done ? Infinity : next.value.atMs };
  };
}

/** Writes lines as they were asked for: with times, from a time on, the last ones only, up to a number of bytes. */
function createWriter(query: URLSearchParams, now: Date, response: ServerResponse) {
  const sinceMs = sinceMsOf(query, now);
  const hasTimes = query.get('timestamps') === 'true';
  let bytesLeft = countOf(query, 'limitBytes') ?? Infinity;
  return (printed: readonly Printed[], linesMax = Infinity): void => {
    const wanted = printed.filter(({ atMs }) => atMs >= sinceMs);
    const text = (linesMax < wanted.length ? wanted.slice(wanted.length - linesMax) : wanted)
      .map((line) => `${hasTimes ? `${stampOf(line)} ` : ''}${line.text}\n`)
      .join('');
    if (text === '') return;
    const bytes = Buffer.from(text).subarray(0, bytesLeft);
    bytesLeft -= bytes.length;
    response.write(bytes);
    if (bytesLeft <= 0) response.end();
  };
}

/** With nanoseconds, as a runtime writes them. Lines of one millisecond have one time, which happens to real ones too. */
const stampOf = ({ atMs }: Printed) =>
  `${new Date(atMs).toISOString().slice(0, -1)}${String(Math.floor(fraction(String(atMs)) * 1e6)).padStart(6, '0')}Z`;

/** The API takes whole seconds. */
function sinceMsOf(query: URLSearchParams, now: Date): number {
  const seconds = countOf(query, 'sinceSeconds');
  if (seconds !== null) return now.getTime() - seconds * 1_000;
  const time = query.get('sinceTime');
  if (time === null) return -Infinity;
  const sinceMs = Date.parse(time);
  if (Number.isNaN(sinceMs)) throw badRequest(`parsing time "${time}": it is no RFC 3339 time`);
  return Math.floor(sinceMs / 1_000) * 1_000;
}

function countOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} must be a number of at least 0`);
  return Number(text);
}
