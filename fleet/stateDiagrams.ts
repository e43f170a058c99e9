import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SubgraphName } from '../contracts/subgraphs.js';
import { projectRoot } from '../platform/compiled.js';
import { TRANSITIONS as approval } from '../subgraphs/governance/approval/approval.transitions.js';
import { TRANSITIONS as deployment } from '../subgraphs/models/deployment/deployment.transitions.js';
import { TRANSITIONS as modelVersion } from '../subgraphs/models/modelVersion/modelVersion.transitions.js';
import { TRANSITIONS as instance } from '../subgraphs/resources/instance/instance.transitions.js';
import { TRANSITIONS as workload } from '../subgraphs/resources/workload/workload.transitions.js';
import { TRANSITIONS as job } from '../subgraphs/scheduling/job/job.transitions.js';

/** Which event leads from which state to which. The first state is the one that a thing begins in. */
export type Transitions = Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>;

/** The tables of each context, by what they are the states of. */
const TABLES: Readonly<Partial<Record<SubgraphName, Readonly<Record<string, Transitions>>>>> = {
  governance: { ApprovalRequest: approval },
  resources: { Instance: instance, Workload: workload },
  scheduling: { Job: job },
  models: { ModelVersion: modelVersion, Deployment: deployment },
};

/**
 * The pages of the contexts that have tables, by path from the project's folder, with a diagram of each table between the
 * marks `<!-- states of Job -->` and `<!-- end of states -->`. Throws where a page has no such marks.
 */
export function drawPages(): Record<string, string> {
  const pages = Object.entries(TABLES).map(([context, tables]) => {
    const path = `subgraphs/${context}/README.md`;
    const page = readFileSync(join(projectRoot, path), 'utf8');
    const drawn = Object.entries(tables).reduce(
      (text, [name, table]) => fill(text, name, drawStates(table)),
      page,
    );
    return [path, drawn];
  });
  return Object.fromEntries(pages) as Record<string, string>;
}

function fill(page: string, name: string, diagram: string): string {
  const begin = `<!-- states of ${name} -->`;
  const end = '<!-- end of states -->';
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`A page has no marks ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n\`\`\`mermaid\n${diagram}\n\`\`\`\n\n${page.slice(to)}`;
}

/** A Mermaid state diagram: one arrow between two states for all events that lead from one to the other. */
export function drawStates(table: Transitions): string {
  const [first] = Object.keys(table);
  const arrows = Object.entries(table).flatMap(([state, transitions]) => arrowsFrom(state, transitions));
  return ['stateDiagram-v2', `[*] --> ${first}`, ...arrows].join('\n  ');
}

function arrowsFrom(state: string, transitions: Transitions[string]): string[] {
  const events = Object.entries(transitions);
  if (events.length === 0) return [`${state} --> [*]`];
  const targets = [...new Set(events.map(([, target]) => target))];
  return targets.map((target) => {
    const labels = events.filter(([, to]) => to === target).map(([event]) => event);
    return `${state} --> ${target}: ${labels.join(', ')}`;
  });
}
