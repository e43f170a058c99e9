import type { Pod } from '../../../platform/kubernetes/kinds.js';

/** What the containers of a simulated pod would have printed so far: their start, their command, their end. */
export function podLog({ spec, status }: Pod, timestamps: boolean): string[] {
  return (status?.containerStatuses ?? []).flatMap(({ name, state }) => {
    const command = spec?.containers.find((container) => container.name === name)?.command ?? [];
    const startedAt = state?.running?.startedAt ?? state?.terminated?.startedAt;
    const end = state?.terminated;
    const lines = [
      ...(startedAt
        ? [[startedAt, `${name} started${command.length > 0 ? `: ${command.join(' ')}` : ''}`]]
        : []),
      ...(end ? [[end.finishedAt ?? '', `${name} ended: ${end.reason} (exit code ${end.exitCode})`]] : []),
    ];
    return lines.map(([time, text]) => (timestamps ? `${time} ${text}` : `${text}`));
  });
}
