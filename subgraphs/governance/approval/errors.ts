import { PublicError } from '../../../platform/errors.js';

export const ownApproval = (id: string) =>
  new PublicError(
    'FORBIDDEN',
    'You asked for this yourself',
    'Somebody else who may approve has to decide; you can withdraw it.',
    { id },
  );

export const notYourApproval = (id: string) =>
  new PublicError(
    'FORBIDDEN',
    'Somebody else asked for this',
    'Only who asked can withdraw it; who may decide can reject it.',
    { id },
  );
