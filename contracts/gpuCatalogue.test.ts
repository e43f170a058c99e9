import { expect, test } from 'vitest';
import { findGpuModel, gpuCatalogue, gpuModelOfProduct } from './gpuCatalogue.js';

test('every model, PCI id and product label occurs once', () => {
  const once = (values: readonly string[]) => expect(values).toEqual([...new Set(values)]);
  once(gpuCatalogue.map(({ id }) => id));
  once(gpuCatalogue.flatMap(({ pciIds }) => pciIds));
  once(gpuCatalogue.flatMap(({ productLabels }) => productLabels));
});

test('a node says by its product label which model it has, however the device is shared', () => {
  expect(gpuModelOfProduct('NVIDIA-H100-80GB-HBM3')?.id).toBe('h100-sxm5-80gb');
  expect(gpuModelOfProduct('NVIDIA-A100-SXM4-80GB-SHARED')?.id).toBe('a100-sxm4-80gb');
  expect(gpuModelOfProduct('NVIDIA-A100-SXM4-80GB-MIG-1g.10gb')?.id).toBe('a100-sxm4-80gb-mig-1g.10gb');
  expect(findGpuModel('a100-sxm4-80gb-mig-1g.10gb.me')).toMatchObject({ memoryMiB: 10_240, migProfiles: [] });
  expect(gpuModelOfProduct('GeForce-256')).toBeNull();
});

test('as many slices of a profile fit on a device as the catalogue says', () => {
  for (const { id, migProfiles } of gpuCatalogue)
    for (const { name, max, starts, memorySlices } of migProfiles) {
      const places = name.endsWith('+me') ? 1 : starts.length;
      expect(`${id} ${name} ${Math.min(max, places)}`).toBe(`${id} ${name} ${max}`);
      starts
        .slice(1)
        .forEach((start, index) => expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(memorySlices));
    }
  expect(findGpuModel('h100-sxm5-80gb')?.migProfiles.map(({ name, max }) => `${name}×${max}`)).toEqual([
    '1g.10gb×7',
    '1g.10gb+me×1',
    '1g.20gb×4',
    '2g.20gb×3',
    '3g.40gb×2',
    '4g.40gb×1',
    '7g.80gb×1',
  ]);
});
