import type { UserEvent } from '../../../contracts/governance.events.js';

/** All that the log knows of a person: that an id is one. Names are in the profile, which can be erased. */
export type UserState = { registered: true };

export const decideRegisterUser = (id: string): UserEvent[] => [{ type: 'UserRegistered', data: { id } }];

export const evolveUser = (_state: UserState | null, _event: UserEvent): UserState => ({ registered: true });
