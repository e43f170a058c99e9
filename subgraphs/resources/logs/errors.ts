import { PublicError } from '../../../platform/errors.js';

export const cursorExpired = (jobId: string) =>
  new PublicError(
    'CURSOR_EXPIRED',
    'What follows this cursor is no longer kept',
    'Open the feed again without `after` to read what is still kept.',
    { id: jobId },
  );
