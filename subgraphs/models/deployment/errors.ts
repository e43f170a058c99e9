import { PublicError } from '../../../platform/errors.js';

export const noPreviousTraffic = (id: string) =>
  new PublicError('NO_PREVIOUS_TRAFFIC', `The traffic of ${id} was never set`, 'Set it with setTraffic.', {
    id,
  });
