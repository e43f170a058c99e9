import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { maySeeUser } from '../user/visibleUser.js';
import { actorKind } from './actorKind.js';
import { NamedActor } from './actor.type.js';

const SYSTEM = 'system:';

@Resolver(() => NamedActor)
export class ActorResolver {
  @FieldResolver()
  async displayName(@Root() { id }: NamedActor, @Ctx() { loaders, principal }: Context): Promise<string> {
    if (id.startsWith(SYSTEM)) return id.slice(SYSTEM.length);
    const profile = maySeeUser(id, principal) ? await loaders.profile.load(id) : null;
    return profile?.displayName ?? id;
  }
}

/** Whoever has an actor's id was given it with something that they may see. */
export const resolveActor = ({ id }: { id: string }): NamedActor => ({ id, kind: actorKind(id) });
