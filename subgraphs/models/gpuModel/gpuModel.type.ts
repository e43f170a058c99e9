import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Resources own the catalogue, and billing adds its prices. */
@ObjectType('GpuModel', { description: 'A model of GPU, as the catalogue describes it.' })
@Directive('@key(fields: "id", resolvable: false)')
export class GpuModelStub {
  @Field(() => ID, { description: 'Its id in the catalogue, for example `h100-sxm5-80gb`.' })
  id!: string;
}
