import type { GpuReading } from './gpuLoad.js';

/** One device of a node, as its exporter shows it. */
export type ExportedGpu = {
  index: number;
  uuid: string;
  model: string;
  host: string;
  memoryMiB: number;
  memoryClockMhz: number;
  /** Since the exporter started. */
  energyMj: number;
  pod: { name: string; namespace: string; container: string } | null;
  reading: GpuReading;
};

type Metric = { name: string; help: string; counter?: true; of: (gpu: ExportedGpu) => number };

/** Memory that the driver keeps for itself. */
const RESERVED_MIB = 551;

const share = (value: number) => Number(value.toFixed(6));

/** In the words of NVIDIA's dcgm-exporter, and of its default set with memory temperature and tensor activity. */
const metrics: readonly Metric[] = [
  {
    name: 'DCGM_FI_DEV_SM_CLOCK',
    help: 'SM clock frequency (in MHz).',
    of: ({ reading }) => reading.smClockMhz,
  },
  {
    name: 'DCGM_FI_DEV_MEM_CLOCK',
    help: 'Memory clock frequency (in MHz).',
    of: ({ memoryClockMhz }) => memoryClockMhz,
  },
  {
    name: 'DCGM_FI_DEV_MEMORY_TEMP',
    help: 'Memory temperature (in C).',
    of: ({ reading }) => reading.memoryTemperatureC,
  },
  {
    name: 'DCGM_FI_DEV_GPU_TEMP',
    help: 'GPU temperature (in C).',
    of: ({ reading }) => reading.temperatureC,
  },
  {
    name: 'DCGM_FI_DEV_POWER_USAGE',
    help: 'Power draw (in W).',
    of: ({ reading }) => Number(reading.powerW.toFixed(3)),
  },
  {
    name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    help: 'Total energy consumption since boot (in mJ).',
    counter: true,
    of: ({ energyMj }) => Math.round(energyMj),
  },
  {
    name: 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER',
    help: 'Total number of PCIe retries.',
    counter: true,
    of: () => 0,
  },
  {
    name: 'DCGM_FI_DEV_GPU_UTIL',
    help: 'GPU utilization (in %).',
    of: ({ reading }) => Math.round(reading.engineActive * 100),
  },
  {
    name: 'DCGM_FI_DEV_MEM_COPY_UTIL',
    help: 'Memory utilization (in %).',
    of: ({ reading }) => Math.round(reading.dramActive * 100),
  },
  { name: 'DCGM_FI_DEV_ENC_UTIL', help: 'Encoder utilization (in %).', of: () => 0 },
  { name: 'DCGM_FI_DEV_DEC_UTIL', help: 'Decoder utilization (in %).', of: () => 0 },
  { name: 'DCGM_FI_DEV_XID_ERRORS', help: 'Value of the last XID error encountered.', of: () => 0 },
  {
    name: 'DCGM_FI_DEV_FB_FREE',
    help: 'Framebuffer memory free (in MiB).',
    of: ({ memoryMiB, reading }) => Math.max(0, memoryMiB - RESERVED_MIB - reading.memoryUsedMiB),
  },
  {
    name: 'DCGM_FI_DEV_FB_USED',
    help: 'Framebuffer memory used (in MiB).',
    of: ({ reading }) => reading.memoryUsedMiB,
  },
  {
    name: 'DCGM_FI_DEV_FB_RESERVED',
    help: 'Framebuffer memory reserved (in MiB).',
    of: () => RESERVED_MIB,
  },
  {
    name: 'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
    help: 'Ratio of time the graphics engine is active.',
    of: ({ reading }) => share(reading.engineActive),
  },
  {
    name: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE',
    help: 'Ratio of cycles the tensor (HMMA) pipe is active.',
    of: ({ reading }) => share(reading.tensorActive),
  },
  {
    name: 'DCGM_FI_PROF_DRAM_ACTIVE',
    help: 'Ratio of cycles the device memory interface is active sending or receiving data.',
    of: ({ reading }) => share(reading.dramActive),
  },
];

/** The answer of `/metrics`, in the Prometheus text format. */
export function exporterText(gpus: readonly ExportedGpu[]): string {
  const labelled = gpus.map((gpu) => ({ gpu, labels: labelsOf(gpu) }));
  const blocks = metrics.map(({ name, help, counter, of }) =>
    [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${counter ? 'counter' : 'gauge'}`,
      ...labelled.map(({ gpu, labels }) => `${name}{${labels}} ${of(gpu)}`),
    ].join('\n'),
  );
  return `${blocks.join('\n')}\n`;
}

function labelsOf({ index, uuid, model, host, pod }: ExportedGpu): string {
  const bus = `00000000:${(0x1b + index).toString(16).toUpperCase()}:00.0`;
  const device = `gpu="${index}",UUID="${uuid}",pci_bus_id="${bus}",device="nvidia${index}"`;
  const machine = `modelName="${model}",Hostname="${host}",DCGM_FI_DRIVER_VERSION="550.54.15"`;
  const { container, namespace, name } = pod ?? { container: '', namespace: '', name: '' };
  return `${device},${machine},container="${container}",namespace="${namespace}",pod="${name}"`;
}
