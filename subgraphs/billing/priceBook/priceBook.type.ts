import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { Money } from '../../../platform/graphql/values.type.js';
import { GpuModelStub } from '../gpuModel/gpuModel.type.js';
import { toMoney } from '../money.js';
import type { PriceBookState } from './priceBook.js';

export const PriceBookStatus = { DRAFT: 'DRAFT', ACTIVATED: 'ACTIVATED' } as const;
registerEnumType(PriceBookStatus, {
  name: 'PriceBookStatus',
  description: 'How far a price book has come.',
  valuesConfig: {
    DRAFT: { description: 'It was created; nothing is priced by it.' },
    ACTIVATED: { description: 'It counts from `inForceFrom` on, until a later one does.' },
  },
});

@ObjectType({ description: 'What one model of GPU costs.' })
export class GpuRate {
  @Field(() => GpuModelStub, { description: 'The model.' })
  gpuModel!: GpuModelStub;

  @Field(() => Money, { description: 'The price of one whole device for one hour.' })
  perHour!: Money;
}

@ObjectType({ description: 'A version of the prices. It never changes; new prices are a new book.' })
@Directive('@key(fields: "id")')
export class PriceBook extends EntityType {
  @Field(() => String, { description: 'Its unique name, which estimates quote as `priceBookVersion`.' })
  name!: string;

  @Field(() => String, { description: 'ISO 4217 code of its prices.' })
  currency!: string;

  @Field(() => DateTime, { description: 'The time from which it was meant to count.' })
  effectiveFrom!: string;

  @Field(() => PriceBookStatus, { description: 'How far it has come.' })
  status!: keyof typeof PriceBookStatus;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The time from which it counts: never before its activation; null as long as it is a draft.',
  })
  inForceFrom!: string | null;

  @Field(() => String, { description: 'Where the prices come from.' })
  source!: string;

  @Field(() => Boolean, { description: 'Whether the prices are an example, and nobody’s quote.' })
  isExample!: boolean;

  @Field(() => [GpuRate], { description: 'The prices. A model that is not listed is free of charge.' })
  rates!: GpuRate[];
}

export const PriceBookConnection = connectionOf(PriceBook, 'PriceBook');

export const toPriceBook = (entity: Existing<PriceBookState>): PriceBook => {
  const { rates, inForceFrom, ...book } = entity.state;
  return {
    ...entityFields(entity),
    ...book,
    inForceFrom,
    status: inForceFrom === null ? 'DRAFT' : 'ACTIVATED',
    rates: rates.map(({ gpuModelId, perHour }) => ({
      gpuModel: { id: gpuModelId },
      perHour: toMoney(perHour),
    })),
  };
};

@ObjectType({ description: 'The draft.' })
export class CreatePriceBookPayload extends CommandPayload {
  @Field(() => PriceBook, { description: 'The new price book.' })
  priceBook!: PriceBook;
}

@ObjectType({ description: 'The prices that count, or will.' })
export class ActivatePriceBookPayload extends CommandPayload {
  @Field(() => PriceBook, { description: 'The price book with the time from which it counts.' })
  priceBook!: PriceBook;
}
