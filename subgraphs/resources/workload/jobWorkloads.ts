import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import type { WorkloadAdmission } from './workload.admission.js';
import type { EndWorkloads } from './workload.ending.js';

const NAME = 'resources.job-workloads';

/** After these nothing of the job may run: if it was admitted late, or never told its end, it ends now. */
const OVER: readonly JobEvent['type'][] = [
  'JobCancelRequested',
  'JobQueued',
  'JobSucceeded',
  'JobFailed',
  'JobTimedOut',
  'JobCancelled',
  'JobExpired',
];

/** Gives reserved jobs their devices, and ends what runs of those that are cancelled, over, or queued again. */
export const createJobWorkloads = (deps: {
  admission: WorkloadAdmission;
  end: EndWorkloads;
}): ProcessManager => ({
  name: NAME,
  source: 'scheduling',
  types: ['JobReserved', ...OVER],
  async react(event) {
    const { type, data } = event as Positioned<JobEvent>;
    if (type === 'JobCancelRequested') return deps.end(event, NAME, data.reason);
    if (type !== 'JobReserved') return deps.end(event, NAME, 'CANCELLED');
    const command = reactionTo(event, { manager: NAME, command: 'admitJob' });
    return deps.admission.admitJob(command, event.streamId, data);
  },
});
