import { registerEnumType } from 'type-graphql';
import type { ModelPrecision } from '../../../contracts/models.events.js';
import { ModelVersionStatus } from './modelVersion.transitions.js';

registerEnumType(ModelVersionStatus, {
  name: 'ModelVersionStatus',
  description: 'Where a version is in its life.',
  valuesConfig: {
    READY: { description: 'It may be used.' },
    QUARANTINED: { description: 'Nothing may use it until it is released.' },
    DEPRECATED: { description: 'What uses it goes on; nothing new may.' },
    ARCHIVED: { description: 'Nothing may use it any more.' },
  },
});

export const Precision: Readonly<Record<ModelPrecision, ModelPrecision>> = {
  FP32: 'FP32',
  BF16: 'BF16',
  FP16: 'FP16',
  FP8: 'FP8',
  INT8: 'INT8',
  INT4: 'INT4',
};
registerEnumType(Precision, {
  name: 'ModelPrecision',
  description: 'How the parameters of a model are stored.',
  valuesConfig: {
    FP32: { description: 'Floating point of 4 bytes.' },
    BF16: { description: 'Brain floating point of 2 bytes.' },
    FP16: { description: 'Floating point of 2 bytes.' },
    FP8: { description: 'Floating point of 1 byte.' },
    INT8: { description: 'Whole numbers of 1 byte.' },
    INT4: { description: 'Whole numbers of half a byte.' },
  },
});
