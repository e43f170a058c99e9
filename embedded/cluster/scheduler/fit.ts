import { exceeds, parseAmount, podRequests } from '../api/quantity.js';
import type { Node, Pod } from '../../../platform/kubernetes/kinds.js';

type PodSpec = NonNullable<Pod['spec']>;
type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
type Term = NonNullable<
  NonNullable<
    NonNullable<
      NonNullable<PodSpec['affinity']>['nodeAffinity']
    >['requiredDuringSchedulingIgnoredDuringExecution']
  >['nodeSelectorTerms']
>[number];
type Requirement = NonNullable<Term['matchExpressions']>[number];

/** What runs on a node: its pods, and what they use of it by resource. */
export type NodeLoad = { pods: readonly Pod[]; used: ReadonlyMap<string, number> };

/** Why the pod cannot run on the node, in the scheduler's own words; `null` when it can. */
export function refusal(pod: Pod, node: Node, { pods, used }: NodeLoad): string | null {
  const spec = pod.spec ?? { containers: [] };
  if (node.spec?.unschedulable) return 'node(s) were unschedulable';
  if (!isNodeReady(node)) return 'node(s) were not ready';
  const taint = node.spec?.taints?.find(
    (each) => each.effect !== 'PreferNoSchedule' && !isTolerated(each, spec),
  );
  if (taint) return `node(s) had untolerated taint(s)`;
  if (!matchesSelector(spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  if (pods.some((other) => isAvoided(other, pod))) return "node(s) didn't match pod anti-affinity rules";
  for (const [name, amount] of podRequests(pod)) {
    const free = parseAmount(node.status?.allocatable?.[name]) - (used.get(name) ?? 0);
    if (exceeds(amount, free)) return `Insufficient ${name}`;
  }
  const room = parseAmount(node.status?.allocatable?.['pods'] ?? '110');
  return exceeds((used.get('pods') ?? 0) + 1, room) ? 'Too many pods' : null;
}

/** `0/5 nodes are available: 2 Insufficient nvidia.com/gpu, 3 node(s) were unschedulable.` */
export function explain(refusals: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const why of refusals) counts.set(why, (counts.get(why) ?? 0) + 1);
  const reasons = [...counts].map(([why, count]) => `${count} ${why}`).sort();
  return `0/${refusals.length} nodes are available${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}.`;
}

const isNodeReady = ({ status }: Node) =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

const isTolerated = (taint: Taint, { tolerations = [] }: PodSpec) =>
  tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (!effect || effect === taint.effect) &&
      (operator === 'Exists'
        ? !key || key === taint.key
        : key === taint.key && value === (taint.value ?? '')),
  );

/** Whether a pod wants no node that the other one is on: by required anti-affinity of nodes, to equal labels. */
const isAvoided = (other: Pod, { metadata, spec }: Pod): boolean =>
  (spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
    ({ topologyKey, labelSelector }) =>
      topologyKey === 'kubernetes.io/hostname' &&
      other.metadata.namespace === metadata.namespace &&
      Object.entries(labelSelector?.matchLabels ?? {}).every(
        ([key, value]) => other.metadata.labels?.[key] === value,
      ),
  );

function matchesSelector({ nodeSelector = {}, affinity }: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return required.nodeSelectorTerms.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.every((requirement) => holds(requirement, labels)) &&
      matchFields.every((requirement) => holds(requirement, { 'metadata.name': node.metadata.name })),
  );
}

function holds(
  { key, operator, values = [] }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}
