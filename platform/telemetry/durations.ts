import type { Metric, Registry } from 'prom-client';

/** Seconds; from what a fast answer takes to longer than anybody waits. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

type Labels = Readonly<Record<string, string>>;

/** How many durations were at most as long as each bound, longer than the one before it; the last are longer than all. */
interface Series {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
}

export interface Durations<Label extends string> {
  observe(labels: Readonly<Record<Label, string>>, seconds: number): void;
}

/** A histogram as prom-client's registry publishes it. Its own takes a microsecond for each value: too long for a gateway. */
export function createHistogram<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: Label[],
): Durations<Label> {
  const series = new Map<string, Series>();

  function seriesOf(labels: Readonly<Record<Label, string>>): Series {
    let key = '';
    for (const label of labelNames) key += `${labels[label]}\n`;
    let found = series.get(key);
    if (!found) {
      found = { labels, counts: Array.from({ length: BOUNDS.length + 1 }, () => 0), sum: 0 };
      series.set(key, found);
    }
    return found;
  }

  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    labelNames,
    get: async () => ({ ...metric, values: [...series.values()].flatMap((each) => valuesOf(name, each)) }),
    reset: () => series.clear(),
  };
  registry.registerMetric(metric as unknown as Metric);

  return {
    observe(labels, seconds) {
      const measured = seriesOf(labels);
      const { counts } = measured;
      let place = 0;
      while (place < BOUNDS.length && seconds > (BOUNDS[place] ?? 0)) place++;
      counts[place] = (counts[place] ?? 0) + 1;
      measured.sum += seconds;
    },
  };
}

function valuesOf(name: string, { labels, counts, sum }: Series) {
  let total = 0;
  const buckets = counts.map((count, place) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: BOUNDS[place] ?? '+Inf' },
    value: (total += count),
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
