import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../../platform/graphql/scalars.js';
import type { Holder } from './occupancy.js';
import type { Reading } from './reading.js';

@ObjectType({
  description:
    'What a GPU was measured to do at one moment. A field is null where its exporter does not tell it.',
})
export class GpuMetrics {
  @Field(() => DateTime, { description: 'When it was measured.' })
  at!: string;

  @Field(() => Float, {
    nullable: true,
    description: 'How much of the time anything ran on it, in percent.',
  })
  utilization!: number | null;

  @Field(() => Int, { nullable: true, description: 'Memory in use, in MiB.' })
  memoryUsedMiB!: number | null;

  @Field(() => Int, { nullable: true, description: 'All its memory, in MiB.' })
  memoryTotalMiB!: number | null;

  @Field(() => Float, { nullable: true, description: 'Power drawn, in watts.' })
  powerW!: number | null;

  @Field(() => Float, { nullable: true, description: 'Temperature, in degrees Celsius.' })
  temperatureC!: number | null;

  @Field(() => Float, { nullable: true, description: 'Temperature of its memory, in degrees Celsius.' })
  memoryTemperatureC!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How much of the time its engines worked, from 0 to 1; of a divided GPU, of all its slices.',
  })
  engineActive!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How much of the time its tensor cores worked, from 0 to 1: the best sign of real training.',
  })
  tensorActive!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How much of the time its memory was read or written, from 0 to 1.',
  })
  memoryActive!: number | null;

  @Field(() => Int, { nullable: true, description: 'Clock of its processors, in MHz.' })
  smClockMhz!: number | null;

  @Field(() => Float, { nullable: true, description: 'Energy used since its driver was loaded, in kWh.' })
  energyKwh!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Code of the last fault (XID) of it; 0 if there was none.',
  })
  lastXid!: number | null;
}

@ObjectType({ description: 'What one GPU was measured to do, as a feed of metrics delivers it.' })
export class GpuMetricSample extends GpuMetrics {
  @Field(() => Int, {
    description: 'How many frames were left out just before this one, because they were not read in time.',
  })
  skipped!: number;

  gpuId!: string;
  holder!: Holder | null;
}

/** Scheduling owns jobs; a sample names the one that has the GPU, and what its GPUs used is measured here. */
@ObjectType('Job')
@Directive('@key(fields: "id")')
export class JobStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;
}

export function toGpuMetrics(atMs: number, reading: Reading): GpuMetrics {
  const { memoryUsedMiB, memoryTotalMiB, smClockMhz, lastXid, ...rest } = reading;
  return {
    at: new Date(atMs).toISOString(),
    ...rest,
    memoryUsedMiB: whole(memoryUsedMiB),
    memoryTotalMiB: whole(memoryTotalMiB),
    smClockMhz: whole(smClockMhz),
    lastXid: whole(lastXid),
  };
}

const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));
