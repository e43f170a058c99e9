import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export const GpuVendor = { NVIDIA: 'NVIDIA', AMD: 'AMD', INTEL: 'INTEL' } as const;
registerEnumType(GpuVendor, {
  name: 'GpuVendor',
  description: 'Who makes a GPU.',
  valuesConfig: {
    NVIDIA: { description: 'NVIDIA Corporation.' },
    AMD: { description: 'Advanced Micro Devices.' },
    INTEL: { description: 'Intel Corporation.' },
  },
});

export const GpuFormFactor = { PCIE: 'PCIE', SXM: 'SXM', OAM: 'OAM', SUPERCHIP: 'SUPERCHIP' } as const;
registerEnumType(GpuFormFactor, {
  name: 'GpuFormFactor',
  description: 'How a GPU is built into its node.',
  valuesConfig: {
    PCIE: { description: 'A card in a PCI Express slot.' },
    SXM: { description: 'A module on an NVIDIA baseboard.' },
    OAM: { description: 'A module of the Open Accelerator standard.' },
    SUPERCHIP: { description: 'On one board with its CPU.' },
  },
});

@ObjectType({ description: 'How the GPUs of one node speak to each other.' })
export class GpuLink {
  @Field(() => String, { description: 'The technology, for example `NVLink 4`.' })
  kind!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Gigabytes per second of one GPU, both directions together; null where it is not known.',
  })
  gbPerSecond!: number | null;
}

@ObjectType({ description: 'A legal way to cut a slice out of a GPU (Multi-Instance GPU).' })
export class MigProfile {
  @Field(() => String, {
    description:
      "The vendor's name, for example `3g.40gb`. The same name can mean another slice on another model.",
  })
  name!: string;

  @Field(() => Int, { description: 'Compute slices that it takes.' })
  computeSlices!: number;

  @Field(() => Int, { description: 'Memory slices that it takes.' })
  memorySlices!: number;

  @Field(() => Int, { description: 'Its memory in MiB, by its name.' })
  memoryMiB!: number;

  @Field(() => Int, { description: 'How many of it fit on one GPU that has no other slice.' })
  max!: number;

  @Field(() => [Int], { description: 'The memory slices at which it may start.' })
  starts!: readonly number[];
}

@ObjectType({ description: 'A model of GPU, as the catalogue describes it.' })
@Directive('@key(fields: "id")')
export class GpuModel {
  @Field(() => ID, { description: 'Its id in the catalogue, for example `h100-sxm5-80gb`.' })
  id!: string;

  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => GpuVendor, { description: 'Who makes it.' })
  vendor!: keyof typeof GpuVendor;

  @Field(() => GpuFormFactor, { description: 'How it is built into its node.' })
  formFactor!: keyof typeof GpuFormFactor;

  @Field(() => String, { description: 'The architecture of its chip.' })
  architecture!: string;

  @Field(() => String, { nullable: true, description: 'CUDA compute capability; null for other vendors.' })
  computeCapability!: string | null;

  @Field(() => Float, { description: 'Memory in GB, as it is sold.' })
  memoryNominalGb!: number;

  @Field(() => Int, {
    description: 'Nominal memory in MiB. What a device really has is measured: see `Gpu.memoryMiB`.',
  })
  memoryMiB!: number;

  @Field(() => String, { description: 'The kind of its memory, for example `HBM3`.' })
  memoryType!: string;

  @Field(() => Int, { description: 'Thermal design power in watts, by its data sheet.' })
  tdpW!: number;

  @Field(() => GpuLink, {
    nullable: true,
    description: 'How the GPUs of a node speak to each other; null for PCIe alone.',
  })
  link!: GpuLink | null;

  @Field(() => [String], { description: 'PCI device ids by which a device is recognised.' })
  pciIds!: readonly string[];

  @Field(() => [MigProfile], { description: 'The slices that it can be cut into; empty if it cannot.' })
  migProfiles!: readonly MigProfile[];
}
