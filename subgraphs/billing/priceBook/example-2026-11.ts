import type { NewPriceBook } from './priceBook.commands.js';

/**
 * An example, and nobody's quote: within the public on-demand list prices of several providers, read in September to
 * November 2026. The same chip varies more than fourfold between them. L4 and T4 had no trustworthy price and are left out.
 */
export const EXAMPLE_PRICE_BOOK: NewPriceBook = {
  name: 'example-2026-11',
  currency: 'USD',
  effectiveFrom: new Date('2026-11-01T00:00:00Z'),
  source:
    'Example within public on-demand list prices per GPU-hour, read 2026-09 to 2026-11 (AWS, Azure, GCP, Lambda, Nebius, RunPod, Vast, CoreWeave, Civo, Akash). Not a quote.',
  isExample: true,
  rates: [
    { gpuModelId: 'h100-sxm5-80gb', perHour: '2.99' },
    { gpuModelId: 'a100-sxm4-80gb', perHour: '1.79' },
    { gpuModelId: 'l40s-48gb', perHour: '0.99' },
    { gpuModelId: 'a100-sxm4-40gb', perHour: '1.99' },
    { gpuModelId: 'a100-pcie-80gb', perHour: '1.59' },
    { gpuModelId: 'h100-pcie-80gb', perHour: '2.49' },
    { gpuModelId: 'h100-nvl-94gb', perHour: '2.79' },
    { gpuModelId: 'h200-sxm5-141gb', perHour: '3.79' },
    { gpuModelId: 'b200-sxm6-180gb', perHour: '5.99' },
    { gpuModelId: 'b300-sxm6-288gb', perHour: '6.49' },
    { gpuModelId: 'gh200-96gb', perHour: '2.29' },
    { gpuModelId: 'a10-pcie-24gb', perHour: '1.29' },
    { gpuModelId: 'rtx-4090-24gb', perHour: '0.49' },
    { gpuModelId: 'v100-sxm2-16gb', perHour: '0.55' },
  ],
};
