import { Directive, Field, Int, ObjectType } from 'type-graphql';
import type { DeploymentEndReason as EndReason, Traffic } from '../../../contracts/models.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { Cursor, DateTime } from '../../../platform/graphql/scalars.js';
import { GpuModelStub } from '../gpuModel/gpuModel.type.js';
import { ProjectStub } from '../project/project.type.js';
import { DeploymentEndReason, ModelLoadState } from './deployment.enums.js';
import { type DeploymentState, type LoadState, loadStateOf } from './deployment.js';
import { DeploymentStatus } from './deployment.transitions.js';
import { ApprovalRequestStub, Replicas, TrafficTarget } from './deploymentParts.type.js';

@ObjectType({ description: 'A version of a model that serves requests, on GPUs of its own.' })
@Directive('@key(fields: "id")')
export class Deployment extends EntityType {
  @Field(() => String, { description: 'Its name for people.' })
  name!: string;

  @Field(() => DeploymentStatus, { description: 'Where it is in its life.' })
  status!: DeploymentStatus;

  @Field(() => DateTime, { description: 'When its status was last seen to be what it says.' })
  observedAt!: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the present status must have ended; null for a status that may last.',
  })
  deadline!: string | null;

  @Field(() => String, { nullable: true, description: 'What is wrong with it, if something is.' })
  message!: string | null;

  @Field(() => DeploymentEndReason, {
    nullable: true,
    description: 'Why it ended; null as long as it has not.',
  })
  endReason!: EndReason | null;

  @Field(() => ModelLoadState, { description: 'How far its replicas are with loading the model.' })
  loadState!: LoadState;

  @Field(() => Replicas, { description: 'How many replicas serve.' })
  replicas!: Replicas;

  @Field(() => [TrafficTarget], {
    description:
      'How requests are to be shared out to versions; the parts are always 10,000 together. It is what was decided, for the router in front to follow: the replicas serve the version that the deployment was created with.',
  })
  traffic!: TrafficTarget[];

  @Field(() => [TrafficTarget], {
    nullable: true,
    description: 'The same before it was set last, to which `restoreTraffic` leads; null if it never was.',
  })
  previousTraffic!: TrafficTarget[] | null;

  @Field(() => ProjectStub, { description: 'The project that it belongs to.' })
  project!: ProjectStub;

  @Field(() => String, { description: 'The container image that serves the model.' })
  image!: string;

  @Field(() => Int, { description: 'The port that the container listens on.' })
  port!: number;

  @Field(() => [GpuModelStub], { description: 'The models of GPU that were asked for, first choice first.' })
  gpuModels!: GpuModelStub[];

  @Field(() => Int, { description: 'How many GPUs each replica has.' })
  gpusPerReplica!: number;

  @Field(() => String, { description: 'The hash of the plan by which it was asked for.' })
  planHash!: string;

  entity!: Existing<DeploymentState>;
}

export const DeploymentConnection = connectionOf(Deployment, 'Deployment');

/** From a row as well as from a fold: both always say the same. */
export function toDeployment(entity: Existing<DeploymentState>): Deployment {
  const { spec, projectId, replicas, traffic, previousTraffic, ...state } = entity.state;
  return {
    ...entityFields(entity),
    name: state.name,
    status: state.status,
    observedAt: state.observedAt,
    deadline: state.deadline,
    message: state.message,
    endReason: state.endReason,
    loadState: loadStateOf(entity.state),
    replicas: { ...spec.replicas, ...replicas },
    traffic: toTraffic(traffic),
    previousTraffic: previousTraffic && toTraffic(previousTraffic),
    project: { id: projectId },
    image: spec.image,
    port: spec.port,
    gpuModels: spec.gpu.modelIn.map((id) => ({ id })),
    gpusPerReplica: spec.gpu.count,
    planHash: state.planHash,
    entity,
  };
}

const toTraffic = (traffic: Traffic): TrafficTarget[] => traffic.map((part) => ({ ...part }));

@ObjectType({ description: 'The deployment after the command.' })
export class DeploymentPayload extends CommandPayload {
  @Field(() => Deployment, { description: 'The deployment; in a dry run as it would be.' })
  deployment!: Deployment;
}

@ObjectType({ description: 'The deployment that was asked for.' })
export class CreateDeploymentPayload extends DeploymentPayload {
  @Field(() => ApprovalRequestStub, {
    nullable: true,
    description: 'The approval that it waits for; null where no rule asks for one, and in a dry run.',
  })
  @Directive('@provides(fields: "status")')
  approval!: ApprovalRequestStub | null;
}

@ObjectType({ description: 'One thing that happened to a deployment.' })
export class DeploymentFeedItem {
  @Field(() => Cursor, { description: 'Pass it as `after` to go on behind this item.' })
  cursor!: string;

  @Field(() => String, {
    description:
      'What happened, by the name of the event, for example `DeploymentAvailable`; `SNAPSHOT` for how things stood.',
  })
  type!: string;

  @Field(() => DateTime, {
    description: 'When it happened; of a snapshot, when the deployment changed last.',
  })
  at!: string;

  @Field(() => Deployment, { description: 'The deployment right after it.' })
  deployment!: Deployment;
}
