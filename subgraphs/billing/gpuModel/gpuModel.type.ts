import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Money } from '../../../platform/graphql/values.type.js';

@ObjectType('GpuModel', { description: 'A model of GPU, as the catalogue describes it.' })
@Directive('@key(fields: "id")')
export class GpuModelStub {
  @Field(() => ID, { description: 'Its id in the catalogue, for example `h100-sxm5-80gb`.' })
  id!: string;

  @Field(() => Money, {
    nullable: true,
    description:
      'What one device costs for one hour at the prices that count now; null where no price is listed.',
  })
  pricePerHour?: Money | null;
}
