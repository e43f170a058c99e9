import { registerEnumType } from 'type-graphql';
import type { VramMode } from './vram.js';

export const VramModeName: Readonly<Record<VramMode, VramMode>> = {
  INFERENCE: 'INFERENCE',
  LORA: 'LORA',
  QLORA: 'QLORA',
  FULL_FINE_TUNE: 'FULL_FINE_TUNE',
};
registerEnumType(VramModeName, {
  name: 'VramMode',
  description: 'What a model is to be used for.',
  valuesConfig: {
    INFERENCE: { description: 'To serve it.' },
    LORA: { description: 'To train adapters beside its frozen weights.' },
    QLORA: { description: 'To train adapters beside its frozen weights, which are held in 4 bits.' },
    FULL_FINE_TUNE: { description: 'To train all of its parameters.' },
  },
});
