import type { FetchNode, PlanNode, QueryPlan } from '@graphql-hive/router-query-planner';
import { askSubgraph, subgraphDocument, variablesText, type SubgraphDocument } from './askSubgraph.js';
import { compileEntityFetch } from './entityFetch.js';
import type { Execution } from './execution.js';
import { Failure } from './failure.js';
import { fail, merge, type Data } from './merge.js';
import { renamed } from './owed.js';
import { applyRewrites, readRewrites, type Rewrite } from './rewrites.js';
import type { Supergraph } from './supergraph.js';

/** A part of a plan, compiled: it adds what it fetches to the execution's data. */
export type Step = (execution: Execution) => Promise<void>;

/** The first fetch of a subscription: its events are the roots on which the rest of the plan runs. */
export interface SubscriptionSource {
  readonly document: SubgraphDocument;
  /** Takes one event's answer in. */
  readonly accept: (answer: Data | Failure, execution: Execution) => void;
}

export interface CompiledPlan {
  readonly source: SubscriptionSource | null;
  readonly run: Step;
}

export function compilePlan({ node }: QueryPlan, supergraph: Supergraph): CompiledPlan {
  if (!node) return { source: null, run: nothing };
  const [first, ...rest] = node.kind === 'Sequence' ? node.nodes : [node];
  if (first?.kind !== 'Subscription') return { source: null, run: compileNode(node, supergraph) };
  return {
    source: compileRoot({ ...first.primary, kind: 'Fetch' }, supergraph),
    run: inSequence(rest.map((next) => compileNode(next, supergraph))),
  };
}

const nothing: Step = () => Promise.resolve();

/** `path` is where a fetch of entities finds them. */
function compileNode(node: PlanNode, supergraph: Supergraph, path: FlattenPath = []): Step {
  switch (node.kind) {
    case 'Sequence':
      return inSequence(node.nodes.map((next) => compileNode(next, supergraph, path)));
    case 'Parallel': {
      const steps = node.nodes.map((next) => compileNode(next, supergraph, path));
      return async (execution) => void (await Promise.all(steps.map((step) => step(execution))));
    }
    case 'Flatten':
      return compileNode(node.node, supergraph, node.path);
    case 'Fetch':
      return node.requires
        ? compileEntityFetch(node, [entityGroup(node, node.requires, path)], supergraph)
        : compileRootFetch(node, supergraph);
    case 'BatchFetch':
      return compileEntityFetch(node, node.entityBatch.aliases, supergraph);
    case 'Condition':
    case 'Subscription':
    case 'Defer':
      throw new Error(`a plan cannot hold a ${node.kind} node here`);
  }
}

type FlattenPath = Parameters<typeof compileEntityFetch>[1][number]['paths'][number];

function inSequence(steps: readonly Step[]): Step {
  const [only] = steps;
  if (only && steps.length === 1) return only;
  return async (execution) => {
    for (const step of steps) await step(execution);
  };
}

/** A fetch of entities at one place is a batch of one. */
function entityGroup(
  { inputRewrites, outputRewrites }: FetchNode,
  requires: NonNullable<FetchNode['requires']>,
  path: FlattenPath,
) {
  return {
    alias: '_entities',
    representationsVariableName: 'representations',
    paths: [path],
    requires,
    ...(inputRewrites && { inputRewrites }),
    ...(outputRewrites && { outputRewrites }),
  };
}

function compileRoot(node: FetchNode, { isA }: Supergraph): SubscriptionSource {
  const rewrites: readonly Rewrite[] = readRewrites(node.outputRewrites);
  return {
    document: subgraphDocument(node, (owed) => renamed(owed, rewrites)),
    accept(answer, { data }) {
      if (answer instanceof Failure) return fail(data, answer, isA);
      applyRewrites(answer, rewrites, isA);
      merge(data, answer, isA);
    },
  };
}

function compileRootFetch(node: FetchNode, supergraph: Supergraph): Step {
  const { document, accept } = compileRoot(node, supergraph);
  return async (execution) => {
    const variables = variablesText(document, execution);
    accept(await askSubgraph(document, variables ? `{${variables}}` : null, execution), execution);
  };
}
