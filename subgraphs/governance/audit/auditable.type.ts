import { type ClassType, Directive, Field, ID, InterfaceType, ObjectType } from 'type-graphql';
import { AuditEventConnection } from './auditEvent.type.js';

@InterfaceType({ description: 'A thing whose every change stands in the audit trail.' })
export abstract class Auditable {
  @Field(() => ID, { description: 'Stable id of the thing.' })
  id!: string;

  @Field(() => AuditEventConnection, {
    nullable: true,
    description: 'Its changes, and those of what serves it, as far as you may see them; newest first.',
  })
  auditTrail?: InstanceType<typeof AuditEventConnection>;
}

/** What other subgraphs own and governance adds the trail to. */
export const AUDITABLE_ELSEWHERE = [
  'Allocation',
  'Budget',
  'Cluster',
  'Deployment',
  'Instance',
  'Job',
  'ModelVersion',
  'Node',
  'PriceBook',
  'Queue',
  'RegisteredModel',
] as const;

function createStub(name: string): ClassType<Auditable> {
  @ObjectType(name, { implements: Auditable })
  @Directive('@key(fields: "id")')
  class Stub extends Auditable {}
  return Stub;
}

const stubs = new Map(AUDITABLE_ELSEWHERE.map((name) => [name, createStub(name)]));

export const auditableStubs: readonly ClassType<Auditable>[] = [...stubs.values()];

/** Where governance adds more than the trail to one of them. */
export function auditableStub(name: (typeof AUDITABLE_ELSEWHERE)[number]): ClassType<Auditable> {
  const stub = stubs.get(name);
  if (!stub) throw new Error(`${name} has no stub`);
  return stub;
}
