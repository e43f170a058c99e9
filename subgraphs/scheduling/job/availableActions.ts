import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { mayCommand } from './job.access.js';
import { CANCEL, phaseAfterCancel } from './job.decide.js';
import type { JobState } from './job.js';

/** The command on a job, and whether its phase and the viewer's rights allow it now. */
export function availableActions(job: Existing<JobState>, viewer: Principal): AvailableAction[] {
  const resultingState = phaseAfterCancel(job.state);
  const refused = (reason: string) => [{ action: CANCEL, allowed: false, reason, resultingState: null }];
  if (!mayCommand(viewer, job)) return refused('You do not have the right to command it.');
  if (resultingState === null) return refused(`It is ${job.state.phase}.`);
  return [{ action: CANCEL, allowed: true, reason: null, resultingState }];
}
