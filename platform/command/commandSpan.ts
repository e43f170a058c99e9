import type { Span } from '@opentelemetry/api';
import type { Recorded } from '../eventStore/event.js';
import type { CommandAnswer, CommandRequest } from './commands.js';

/** How a command that was not refused ended. An answer without a position changed nothing, or stored nothing. */
export type CommandOutcome = 'stored' | 'unchanged' | 'dry_run';

export const outcomeOf = (request: CommandRequest, answer: CommandAnswer<unknown>): CommandOutcome =>
  request.dryRun ? 'dry_run' : answer.position === null ? 'unchanged' : 'stored';

/** What a command's span tells of its events: whose they are and of what types, never what is in them. */
export function noteOnSpan(span: Span | null, events: readonly Recorded[]): void {
  span?.setAttributes({
    'fleetgraph.streams': [...new Set(events.map(({ streamId }) => streamId))],
    'fleetgraph.events': events.map(({ type }) => type),
  });
}
