import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** Resources owns GPU models; a quota names one. */
@ObjectType('GpuModel')
@Directive('@key(fields: "id", resolvable: false)')
export class GpuModelStub {
  @Field(() => ID, { description: 'Its id in the catalogue, for example `h100-sxm5-80gb`.' })
  id!: string;
}
