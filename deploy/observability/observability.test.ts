import { loadYaml } from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../platform/compiled.js';
import { TELEMETRY_VARIABLES } from '../../platform/telemetry/telemetry.js';
import { allMetrics } from './metrics.fixture.js';

const read = (...path: string[]) => readFileSync(join(projectRoot, ...path), 'utf8');

const page = read('docs', 'observability.md');
const metrics = await allMetrics();

test('docs/observability.md tells every metric that is published, with its type and labels, and no other', () => {
  const rows = page.matchAll(/^\| `((?:fleetgraph|process|nodejs)_\w+)` +\| (\w+) +\| ([^|]*)\|/gm);
  const told = [...rows].map(([, name, type, labels = '']) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  }));
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
    (a.name ?? '').localeCompare(b.name ?? '');
  expect(told.sort(byName)).toEqual(
    metrics.map(({ name, type, labels }) => ({ name, type, labels })).sort(byName),
  );
});

test('names end in their units, and counters in _total', () => {
  for (const { name, type } of metrics.filter((metric) => metric.name.startsWith('fleetgraph_'))) {
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name.endsWith('_seconds')).toBe(type === 'histogram');
  }
});

test('docs/observability.md tells every variable that is read', () => {
  const told = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);
  expect(told).toEqual(expect.arrayContaining(TELEMETRY_VARIABLES));
});

type Rule = { alert: string; expr: string; annotations: { summary: string } };
type Panel = { title: string; targets: { expr: string; legendFormat: string }[] };

const { groups } = loadYaml<{ groups: { rules: Rule[] }[] }>(read('deploy', 'observability', 'alerts.yml'));
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('deploy', 'observability', 'dashboard.json')) as { panels: Panel[] };

/** What Prometheus itself knows of every series. */
const GIVEN = ['up', 'job', 'instance', 'le'];

/** What an expression, or a text that is filled in from its result, names that nobody publishes. */
function unknownIn(expression: string, text: string): string[] {
  const names = expression.match(/\b(?:fleetgraph|process|nodejs)_\w+/g) ?? [];
  const used = names.map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
  const known = metrics.filter(({ name }) => used.includes(name));
  const labels = [
    ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
    ...[...expression.matchAll(/[{,](\w+)(?:=|!=|=~)"/g)].map(([, label = '']) => label),
    ...[...text.matchAll(/\{\{ ?(?:\$labels\.)?(\w+) ?\}\}/g)].map(([, label = '']) => label),
  ];
  return [
    ...used.filter((name) => !known.some((metric) => metric.name === name)),
    ...labels.filter(
      (label) => !GIVEN.includes(label) && !known.some((metric) => metric.labels.includes(label)),
    ),
  ];
}

test.each(rules.map((rule) => [rule.alert, rule] as const))(
  'the alert %s names what is published, and the page says what to do',
  (alert, { expr, annotations }) => {
    expect(unknownIn(expr, annotations.summary)).toEqual([]);
    expect(page).toContain(`| \`${alert}\``);
  },
);

test.each(panels.map((panel) => [panel.title, panel] as const))(
  'the panel "%s" shows what is published',
  (_title, { targets }) => {
    for (const { expr, legendFormat } of targets) expect(unknownIn(expr, legendFormat)).toEqual([]);
  },
);

test('the check of names notices what nobody publishes', () => {
  expect(
    unknownIn('sum by (place) (rate(fleetgraph_nothing_total{kind="a"}[5m]))', '{{ $labels.who }}'),
  ).toEqual(['fleetgraph_nothing_total', 'place', 'kind', 'who']);
});
