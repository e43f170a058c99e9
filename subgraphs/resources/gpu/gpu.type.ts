import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../../platform/graphql/scalars.js';

export const GpuHealth = {
  HEALTHY: 'HEALTHY',
  WARNING: 'WARNING',
  FAILURE: 'FAILURE',
  UNKNOWN: 'UNKNOWN',
} as const;
registerEnumType(GpuHealth, {
  name: 'GpuHealth',
  description: 'How a GPU is.',
  valuesConfig: {
    HEALTHY: { description: 'Nothing is known to be wrong.' },
    WARNING: { description: 'Something is wrong that does not stop it.' },
    FAILURE: { description: 'It must not be used; nothing new is placed on it.' },
    UNKNOWN: { description: 'Nobody could tell.' },
  },
});

export const OccupantKind = { INSTANCE: 'INSTANCE', JOB: 'JOB', DEPLOYMENT: 'DEPLOYMENT' } as const;
registerEnumType(OccupantKind, {
  name: 'OccupantKind',
  description: 'What kind of thing has a GPU.',
  valuesConfig: {
    INSTANCE: { description: 'An instance.' },
    JOB: { description: 'A job.' },
    DEPLOYMENT: { description: 'A deployment of a model.' },
  },
});

@ObjectType({
  description: 'Who has a GPU now. In projects that you cannot see into, its kind and nothing else.',
})
export class GpuOccupant {
  @Field(() => OccupantKind, { description: 'What kind of thing it is.' })
  kind!: keyof typeof OccupantKind;

  @Field(() => Boolean, { description: 'Whether the rest is kept from you.' })
  redacted!: boolean;

  @Field(() => ID, { nullable: true, description: 'Its id; null if that is kept from you.' })
  id!: string | null;

  @Field(() => String, { nullable: true, description: 'Its name; null if that is kept from you.' })
  name!: string | null;
}

@ObjectType({ description: 'One GPU of a node.' })
@Directive('@key(fields: "id")')
export class Gpu {
  @Field(() => ID, { description: 'Derived from its node and its place there, for example `eu-1/h100-1/0`.' })
  id!: string;

  @Field(() => Int, { description: 'Its place on the node, from 0.' })
  index!: number;

  @Field(() => ID, {
    nullable: true,
    description: "The vendor's id of the device; null as long as nobody told it.",
  })
  uuid!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Its memory in MiB as measured; null as long as nobody measured.',
  })
  memoryMiB!: number | null;

  @Field(() => GpuHealth, { description: 'How it is.' })
  health!: keyof typeof GpuHealth;

  @Field(() => Boolean, { description: 'Whether its node still has it.' })
  present!: boolean;

  @Field(() => Boolean, {
    description:
      'Whether it may be given to somebody once it is free: present, sound, and on a node that takes pods.',
  })
  usable!: boolean;

  @Field(() => DateTime, { description: 'When its state was last seen to change.' })
  observedAt!: string;

  nodeId!: string;
  gpuModelId!: string;
}
