import { PublicError } from '../errors.js';
import type { Recorded } from '../eventStore/event.js';
import { createCounter, createDurations, secondsSince } from '../telemetry/metrics.js';
import { parentOf, traced } from '../telemetry/tracing.js';
import type { CommandAnswer, CommandRequest } from './commands.js';

const durations = createDurations(
  'fleetgraph_command_duration_seconds',
  'How long commands took, waiting for locks and trying again included.',
  ['context', 'command', 'outcome'],
);

const appended = createCounter('fleetgraph_events_appended_total', 'Events that were stored.', [
  'context',
  'type',
]);

/** What the attempt that got through has appended. */
export interface Appended {
  events: readonly Recorded[];
}

/** Runs a command in a span of its own, and measures it by how it ends. */
export function observeCommand<Answer extends CommandAnswer<unknown>>(
  context: string,
  request: CommandRequest,
  run: (written: Appended) => Promise<Answer>,
): Promise<Answer> {
  const { name: command } = request;
  const attributes = { 'fleetgraph.context': context, 'fleetgraph.command': command };
  return traced(`command ${command}`, { attributes, parent: parentOf(request) }, async (span) => {
    const startedAt = performance.now();
    const written: Appended = { events: [] };
    let outcome = 'failed';
    try {
      const answer = await run(written);
      outcome = outcomeOf(request, answer, written);
      for (const { type } of written.events) appended.inc({ context, type });
      return answer;
    } catch (error) {
      if (error instanceof PublicError && !error.extensions.retryable) outcome = 'refused';
      throw error;
    } finally {
      durations.observe({ context, command, outcome }, secondsSince(startedAt));
      span?.setAttributes({ 'fleetgraph.outcome': outcome, ...describe(written) });
    }
  });
}

function outcomeOf(request: CommandRequest, { position }: CommandAnswer<unknown>, { events }: Appended) {
  if (events.length > 0) return 'stored';
  if (request.dryRun) return 'dry_run';
  return position === null ? 'unchanged' : 'repeated';
}

/** Whose events they are and of what types; never what is in them. */
const describe = ({ events }: Appended) => ({
  'fleetgraph.streams': [...new Set(events.map(({ streamId }) => streamId))],
  'fleetgraph.events': events.map(({ type }) => type),
});
