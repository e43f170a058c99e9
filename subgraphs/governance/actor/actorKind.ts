import type { ActorKind } from '../../../platform/identity/principal.js';

const KINDS: Readonly<Record<string, ActorKind>> = { user: 'USER', key: 'API_KEY', system: 'SYSTEM' };

/** An actor's id says what kind it is: `user_01K…`, `key_01K…`, `system:relay`; the rest are service accounts. */
export const actorKind = (id: string): ActorKind => KINDS[/^[a-z]+/.exec(id)?.[0] ?? ''] ?? 'SERVICE_ACCOUNT';
