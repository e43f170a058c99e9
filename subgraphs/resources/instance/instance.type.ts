import { Directive, Field, Int, ObjectType } from 'type-graphql';
import type { InstanceEndReason as EndReason } from '../../../contracts/resources.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { KeyValue, SecretRef } from '../../../platform/graphql/pod.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { Label } from '../../../platform/graphql/values.type.js';
import { ProjectStub } from '../project/project.type.js';
import { InstanceEndReason } from './instance.enums.js';
import type { InstanceState } from './instance.js';
import { InstancePhase } from './instance.transitions.js';
import { Endpoint, GpuRequest, InstancePort, ProvisioningStep } from './instanceParts.type.js';

@ObjectType({ description: 'A pod with GPUs of its own that belongs to a project.' })
@Directive('@key(fields: "id")')
export class Instance extends EntityType {
  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => InstancePhase, { description: 'Where it is in its life.' })
  state!: InstancePhase;

  @Field(() => DateTime, { description: 'When its state was last seen to be what it says.' })
  observedAt!: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the present state must have ended; null for a state that may last.',
  })
  deadline!: string | null;

  @Field(() => String, { nullable: true, description: 'What is wrong with it, if something is.' })
  message!: string | null;

  @Field(() => InstanceEndReason, {
    nullable: true,
    description: 'Why it ended; null as long as it has not.',
  })
  endReason!: EndReason | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the same request could succeed if made again; null unless it failed.',
  })
  retryable!: boolean | null;

  @Field(() => ProjectStub, { description: 'The project that it belongs to.' })
  project!: ProjectStub;

  @Field(() => String, { description: 'The container image that it runs.' })
  image!: string;

  @Field(() => GpuRequest, { description: 'The GPUs that were asked for.' })
  gpu!: GpuRequest;

  @Field(() => Int, { nullable: true, description: 'CPU in thousandths of a core, if that was asked for.' })
  cpuMillis!: number | null;

  @Field(() => Int, { nullable: true, description: 'Memory in MiB, if that was asked for.' })
  memoryMiB!: number | null;

  @Field(() => [InstancePort], { description: 'Its named ports.' })
  ports!: InstancePort[];

  @Field(() => [KeyValue], {
    description: 'Its environment variables, without those that come from secrets.',
  })
  env!: KeyValue[];

  @Field(() => [SecretRef], { description: 'What it reads from secrets; never their values.' })
  secretRefs!: SecretRef[];

  @Field(() => [Label], { description: 'Labels that its owner chose.' })
  labels!: Label[];

  @Field(() => [KeyValue], { description: 'Annotations that are copied to its pod.' })
  annotations!: KeyValue[];

  @Field(() => String, { nullable: true, description: 'Why it was asked for, if that was said.' })
  reason!: string | null;

  @Field(() => String, { description: 'The hash of the plan by which it was admitted.' })
  planHash!: string;

  @Field(() => [Endpoint], { description: 'Where its ports are reached; empty unless it runs.' })
  endpoints!: Endpoint[];

  @Field(() => [ProvisioningStep], {
    description: 'The steps that bring it up, in order; of its newest start.',
  })
  provisioningSteps!: ProvisioningStep[];

  /** The node of its newest devices. */
  nodeId!: string | null;
  entity!: Existing<InstanceState>;
}

/** From a row as well as from a fold: both always say the same. */
export function toInstance(entity: Existing<InstanceState>): Instance {
  const { phase, spec, projectId, steps, placement, ...state } = entity.state;
  return {
    ...entityFields(entity),
    name: state.name,
    state: phase,
    observedAt: state.observedAt,
    deadline: state.deadline,
    message: state.message,
    endReason: state.endReason,
    retryable: state.retryable,
    project: { id: projectId },
    ...spec,
    reason: state.reason,
    planHash: state.planHash,
    endpoints: state.endpoints,
    provisioningSteps: steps,
    nodeId: placement?.nodeId ?? null,
    entity,
  };
}
