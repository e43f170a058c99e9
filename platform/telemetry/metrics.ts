import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What this process measures of itself, in the format of Prometheus. Metrics are made where they are counted, once, when
 * their module is loaded. Each is described in docs/observability.md, with what its labels can be: values of labels come
 * from the code, the schema or the configuration, never from callers or tenants.
 */
export const registry = new Registry();

type Labels = Readonly<Record<string, string>>;

export const createCounter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
  new Counter({ name, help, labelNames, registers: [registry] });

/** What goes up and down with what begins and ends. */
export const createGauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
  new Gauge({ name, help, labelNames, registers: [registry] });

/** Seconds; from what a fast answer takes to longer than anybody waits. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `name` ends in `_seconds`. Observe with `secondsSince`. */
export const createDurations = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
  new Histogram({ name, help, labelNames, buckets: BUCKETS, registers: [registry] });

/** `startedAt` is what `performance.now()` said. */
export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

/** What is read at the moment that somebody asks, from all who have something to say and have not left. */
export interface Reading<Label extends string> {
  /** Returns what ends it. Those with the same labels are added up. */
  from(labels: Readonly<Record<Label, string>>, read: () => number): () => void;
}

export function createReading<Label extends string>(
  name: string,
  help: string,
  labelNames: Label[],
): Reading<Label> {
  const sources = new Set<{ labels: Labels; read: () => number }>();
  const gauge = new Gauge<string>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      gauge.reset();
      for (const { labels, read } of sources) gauge.inc(labels, read());
    },
  });
  return {
    from(labels, read) {
      const source = { labels, read };
      sources.add(source);
      return () => void sources.delete(source);
    },
  };
}
