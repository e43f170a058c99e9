import { expect, test } from 'vitest';
import { parseExporterText } from './exporter.parser.js';

/** As dcgm-exporter 3.3 answers for a whole A100. */
const WHOLE = `# HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
# TYPE DCGM_FI_DEV_SM_CLOCK gauge
DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 1410
DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 61
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 312.456
# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 7200000000
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 97
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 20000
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 61000
DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{gpu="0",UUID="GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52",pci_bus_id="00000000:07:00.0",device="nvidia0",modelName="NVIDIA A100-SXM4-80GB",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="main",namespace="vision",pod="train-0"} 0.613215
`;

const slice = (id: string, profile: string) =>
  `gpu="3",UUID="GPU-e5f2d3a1-0000-4111-8222-933344445555",pci_bus_id="00000000:4E:00.0",device="nvidia3",modelName="NVIDIA A100-SXM4-40GB",GPU_I_PROFILE="${profile}",GPU_I_ID="${id}",Hostname="node-a",DCGM_FI_DRIVER_VERSION="535.129.03",container="",namespace="",pod=""`;

/** As it answers for one that is divided: one line per slice, device values repeated, no utilization. */
const DIVIDED = `DCGM_FI_DEV_POWER_USAGE{${slice('1', '3g.20gb')}} 140.5
DCGM_FI_DEV_POWER_USAGE{${slice('7', '1g.5gb')}} 140.5
DCGM_FI_DEV_FB_USED{${slice('1', '3g.20gb')}} 10000
DCGM_FI_DEV_FB_USED{${slice('7', '1g.5gb')}} 2000
DCGM_FI_DEV_FB_FREE{${slice('1', '3g.20gb')}} 9800
DCGM_FI_DEV_FB_FREE{${slice('7', '1g.5gb')}} 2800
DCGM_FI_PROF_GR_ENGINE_ACTIVE{${slice('1', '3g.20gb')}} 1.000000
DCGM_FI_PROF_GR_ENGINE_ACTIVE{${slice('7', '1g.5gb')}} 0.500000
`;

test('a whole device is read in the units of its names', () => {
  const [device] = parseExporterText(WHOLE);
  expect(device).toEqual({
    index: 0,
    uuid: 'GPU-604ac76c-d9cf-fef3-62e9-d92044ab6e52',
    reading: {
      utilization: 97,
      memoryUsedMiB: 61_000,
      memoryTotalMiB: 81_000,
      powerW: 312.456,
      temperatureC: 61,
      memoryTemperatureC: null,
      engineActive: null,
      tensorActive: 0.613215,
      memoryActive: null,
      smClockMhz: 1410,
      energyKwh: 2,
      lastXid: null,
    },
  });
});

test('of a divided device memory is summed, activity weighted, and what is told of the whole is told once', () => {
  const [device] = parseExporterText(DIVIDED);
  expect(device?.index).toBe(3);
  expect(device?.reading).toMatchObject({
    memoryUsedMiB: 12_000,
    memoryTotalMiB: 24_600,
    powerW: 140.5,
    temperatureC: null,
  });
  expect(device?.reading.engineActive).toBeCloseTo(3.5 / 7);
  expect(device?.reading.utilization).toBeCloseTo(50);
});

test.each([
  ['a blank integer', '9223372036854775794'],
  ['a blank fraction', '140737488355328.000000'],
  ['no number', 'N/A'],
  ['nothing', ''],
])('%s is unknown, not a value', (_title, value) => {
  const [device] = parseExporterText(`DCGM_FI_DEV_GPU_TEMP{gpu="1",UUID="GPU-1"} 40
DCGM_FI_DEV_POWER_USAGE{gpu="1",UUID="GPU-1"} ${value}`);
  expect(device?.reading).toMatchObject({ temperatureC: 40, powerW: null });
});

test('what is no sample of a device is passed over, and a timestamp is no value', () => {
  const text = `
# a comment {gpu="9"} 1
DCGM_FI_DEV_GPU_UTIL 5
DCGM_FI_DEV_GPU_UTIL{gpu="all"} 5
DCGM_FI_DEV_GPU_UTIL{device="nvidia2",note="x \\"y\\",gpu=\\"7\\"",gpu="2"} 41 1732190000000
process_cpu_seconds_total{gpu="8"} 12`;
  expect(parseExporterText(text).map(({ index, reading }) => [index, reading.utilization])).toEqual([
    [2, 41],
  ]);
});
