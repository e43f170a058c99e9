import { PublicError } from '../../../platform/errors.js';

export const projectKeyTaken = (key: string) =>
  new PublicError('PROJECT_KEY_TAKEN', `The key ${key} is taken`, 'Choose another key.', { key });
