import type { QuotaCell } from '../../../contracts/admission.js';
import type { CheckRule, RuleSet } from './checks.js';

/** Limits and what is used of them, with what is promised and not yet given. `onChange` is told which cell changed. */
export function createQuotaBook(onChange: (topic: string) => void) {
  const lineages = new Map<string, readonly string[]>();
  const nominals = new Map<string, number>();
  /** By project alone, without those below it, and model. */
  const own = new Map<string, Map<string, number>>();
  /** By project, with all below it. */
  const used = new Map<string, number>();
  const modelsOf = new Map<string, Set<string>>();

  const lineageOf = (projectId: string): readonly string[] => lineages.get(projectId) ?? [projectId];
  const cellOf = (projectId: string, gpuModelId: string): QuotaCell => {
    const key = keyOf(projectId, gpuModelId);
    return { projectId, gpuModelId, nominal: nominals.get(key) ?? 0, used: used.get(key) ?? 0 };
  };

  function add(projectIds: readonly string[], gpuModelId: string, count: number): void {
    for (const projectId of projectIds) {
      const key = keyOf(projectId, gpuModelId);
      used.set(key, (used.get(key) ?? 0) + count);
      onChange(topicOf(key));
    }
  }

  return {
    lineageOf,

    /** Its parent is known before. What was used in its name before it was known counts for its ancestors from now on. */
    addProject(id: string, parentId: string | null): void {
      if (lineages.has(id)) return;
      const ancestors = parentId === null ? [] : lineageOf(parentId);
      lineages.set(id, [...ancestors, id]);
      for (const [gpuModelId, count] of own.get(id) ?? []) add(ancestors, gpuModelId, count);
    },

    setNominal(projectId: string, gpuModelId: string, nominal: number): void {
      const key = keyOf(projectId, gpuModelId);
      nominals.set(key, nominal);
      const models = modelsOf.get(projectId);
      if (models) models.add(gpuModelId);
      else modelsOf.set(projectId, new Set([gpuModelId]));
      onChange(topicOf(key));
    },

    /** More devices, or fewer, of a model for a project. */
    use(projectId: string, gpuModelId: string, count: number): void {
      const models = own.get(projectId) ?? new Map<string, number>();
      own.set(projectId, models.set(gpuModelId, (models.get(gpuModelId) ?? 0) + count));
      add(lineageOf(projectId), gpuModelId, count);
    },

    /** The limits that count for a project, the root's first. */
    cells: (projectId: string, gpuModelId: string): QuotaCell[] =>
      lineageOf(projectId).map((id) => cellOf(id, gpuModelId)),

    /** The largest part of any of its own limits that the project uses. Who uses less of what is theirs comes first. */
    share(projectId: string): number {
      let largest = 0;
      for (const gpuModelId of modelsOf.get(projectId) ?? []) {
        const cell = cellOf(projectId, gpuModelId);
        if (cell.nominal > 0) largest = Math.max(largest, cell.used / cell.nominal);
      }
      return largest;
    },

    /** One for the project itself and one for each above it, the project's own first. */
    rules: (projectId: string, gpuModelId: string, count: number): RuleSet => [
      `quota ${projectId} ${gpuModelId} ${count}`,
      () =>
        [...lineageOf(projectId)].reverse().map((id) => {
          const subject = `QUOTA ${keyOf(id, gpuModelId)}`;
          const rule = (): CheckRule => ({
            subject,
            topics: [topicOf(keyOf(id, gpuModelId))],
            look() {
              const cell = cellOf(id, gpuModelId);
              return cell.used + count > cell.nominal ? 'QUOTA' : null;
            },
            numbers() {
              const { nominal, used: now } = cellOf(id, gpuModelId);
              return { need: String(count), free: String(Math.max(0, nominal - now)) };
            },
            describe: () => describe(cellOf(id, gpuModelId), count),
          });
          return [`${subject} ${count}`, rule] as const;
        }),
    ],
  };
}

const keyOf = (projectId: string, gpuModelId: string): string => `${projectId} ${gpuModelId}`;
const topicOf = (key: string): string => `quota ${key}`;

function describe({ projectId, gpuModelId, nominal }: QuotaCell, count: number) {
  const never = count > nominal;
  return {
    unit: 'GPU',
    ref: { type: 'Project', id: projectId },
    action: never
      ? `Ask an administrator for a quota of at least ${count} GPUs of ${gpuModelId} in project ${projectId}, which has ${nominal}.`
      : `Wait until something in project ${projectId} gives GPUs of ${gpuModelId} back, stop something there, or ask for more quota.`,
  };
}
