import type { Permission } from '../../contracts/permissions.js';
import { deadLetterResolver } from '../../platform/graphql/deadLetter.resolver.js';
import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import { AliasResolver } from './alias/alias.resolver.js';
import { AliasChangeFieldsResolver, AliasFieldsResolver } from './alias/aliasFields.resolver.js';
import type { Context } from './context.js';
import { DeploymentResolver } from './deployment/deployment.resolver.js';
import { DeploymentFieldsResolver, TrafficTargetResolver } from './deployment/deploymentFields.resolver.js';
import {
  DeploymentsOfModelResolver,
  DeploymentsOfProjectResolver,
  DeploymentsOfVersionResolver,
} from './deployment/deploymentLists.resolver.js';
import { DeploymentStatusResolver } from './deployment/deploymentStatus.resolver.js';
import { visibleDeployment } from './deployment/visibleDeployment.js';
import { EvaluationResolver } from './evaluation/evaluation.resolver.js';
import { JobResolver } from './job/job.resolver.js';
import { ModelVersionResolver } from './modelVersion/modelVersion.resolver.js';
import { VersionsOfModelResolver } from './modelVersion/versionsOfModel.resolver.js';
import { visibleVersion } from './modelVersion/visibleVersion.js';
import { ProjectResolver } from './project/project.resolver.js';
import { RegisteredModelResolver } from './registeredModel/registeredModel.resolver.js';
import { visibleModel } from './registeredModel/visibleModel.js';
import { VramResolver } from './vram/vram.resolver.js';

/** The part of the graph that is about models. Needs neither database nor log. */
export const buildModelsSchema = () =>
  buildSubgraph({
    resolvers: [
      AliasChangeFieldsResolver,
      AliasFieldsResolver,
      AliasResolver,
      DeploymentFieldsResolver,
      DeploymentResolver,
      DeploymentStatusResolver,
      DeploymentsOfModelResolver,
      DeploymentsOfProjectResolver,
      DeploymentsOfVersionResolver,
      EvaluationResolver,
      JobResolver,
      ModelVersionResolver,
      ProjectResolver,
      RegisteredModelResolver,
      TrafficTargetResolver,
      VersionsOfModelResolver,
      VramResolver,
      deadLetterResolver('models', 'fleet:operate' satisfies Permission),
    ],
    references: {
      Deployment: ({ id }, context: Context) => visibleDeployment(id, context),
      ModelVersion: ({ id }, context: Context) => visibleVersion(id, context),
      RegisteredModel: ({ id }, context: Context) => visibleModel(id, context),
      // What a stub's fields show is decided field by field.
      Job: ({ id }) => ({ id }),
      Project: ({ id }) => ({ id }),
    },
  });
