import { PublicError } from '../../../platform/errors.js';

/** `possible`: the most that a job could ever get of each model that it named, by limits and by devices. */
export const unsatisfiable = (
  need: number,
  possible: readonly { gpuModelId: string; nominal: number; devices: number; possible: number }[],
) =>
  new PublicError(
    'UNSATISFIABLE',
    `${need} GPUs of ${possible.map(({ gpuModelId }) => gpuModelId).join(' or ')} can never be given to one job here`,
    'Ask for no more than details.possible says, name other models, or ask for more quota.',
    { need, possible },
  );
