import { Counter, Gauge, Registry } from 'prom-client';
import { createHistogram } from './durations.js';

/**
 * What this process measures of itself, in the format of Prometheus. Metrics are made where they are counted, once, when
 * their module is loaded. Each is described in docs/observability.md, with what its labels can be: values of labels come
 * from the code, the schema or the configuration, never from callers or tenants.
 */
export const registry = new Registry();

export const createCounter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
  new Counter({ name, help, labelNames, registers: [registry] });

/** What goes up and down with what begins and ends. */
export const createGauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
  new Gauge({ name, help, labelNames, registers: [registry] });

/** `name` ends in `_seconds`. Observe with `secondsSince`. */
export const createDurations = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
  createHistogram(registry, name, help, labelNames);

/** `startedAt` is what `performance.now()` said. */
export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

type Sample<Label extends string> = readonly [labels: Readonly<Record<Label, string>>, value: number];

/** What is read at the moment that somebody asks, from all who have something to say and have not left. */
export interface Reading<Label extends string> {
  /**
   * Returns what ends it. Of different sources, values with the same labels are added up. A source that fails or takes too
   * long says nothing this time.
   */
  from(read: () => readonly Sample<Label>[] | Promise<readonly Sample<Label>[]>): () => void;
}

const READ_MS = 2_000;

export function createReading<Label extends string>(
  name: string,
  help: string,
  labelNames: Label[],
): Reading<Label> {
  const sources = new Set<() => Promise<readonly Sample<Label>[]>>();
  const gauge = new Gauge<Label>({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const answers = await Promise.allSettled([...sources].map((read) => read()));
      gauge.reset();
      for (const answer of answers)
        if (answer.status === 'fulfilled')
          for (const [labels, value] of answer.value) gauge.inc({ ...labels }, value);
    },
  });
  return {
    from(read) {
      const source = async () => inTime(read());
      sources.add(source);
      return () => void sources.delete(source);
    },
  };
}

function inTime<Answer>(answer: Answer | Promise<Answer>): Promise<Answer> {
  const tooLate = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('too late')), READ_MS).unref(),
  );
  return Promise.race([answer, tooLate]);
}
