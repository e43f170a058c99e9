import type { Commands } from '../../../platform/command/commands.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import type { DueTimer } from '../../../platform/saga/timers.js';
import { decideDeadline } from './job.decide.js';
import { loadJob, saveJob } from './job.save.js';

/** The timer's handler: a job that is still in the phase whose deadline passed. A repeat changes nothing. */
export const createWatchdog =
  ({ commands, store }: { commands: Commands; store: EventStore }) =>
  async ({ key: id }: DueTimer): Promise<void> => {
    const command = await commandAfter(store, id, { by: 'job-watchdog', name: 'missJobDeadline' });
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const job = await loadJob(unit, id);
      const events = decideDeadline(job, unit.now);
      if (events.length > 0) await saveJob(unit, job, events);
      return null;
    });
  };
