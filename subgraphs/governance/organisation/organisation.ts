import type { OrganisationEvent } from '../../../contracts/governance.events.js';

export type OrganisationState = { name: string };

export const decideCreateOrganisation = (id: string, name: string): OrganisationEvent[] => [
  { type: 'OrganisationCreated', data: { id, name } },
];

export const evolveOrganisation = (
  _state: OrganisationState | null,
  { data }: OrganisationEvent,
): OrganisationState => ({ name: data.name });
