import type { Permission } from '../../contracts/permissions.js';
import { deadLetterResolver } from '../../platform/graphql/deadLetter.resolver.js';
import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import { Actor } from '../../platform/graphql/values.type.js';
import { BudgetAlertResolver } from './budget/budgetAlert.resolver.js';
import { BudgetResolver, budgetReference } from './budget/budget.resolver.js';
import { billableReferences, billableStubs } from './cost/cost.type.js';
import { CostResolver } from './cost/cost.resolver.js';
import { CostGroupResolver, ProjectCostResolver } from './cost/projectCost.resolver.js';
import { GpuModelResolver, gpuModelReference } from './gpuModel/gpuModel.resolver.js';
import { ModelVersionStub } from './modelVersion/modelVersion.type.js';
import { ModelVersionResolver, modelVersionReference } from './modelVersion/modelVersion.resolver.js';
import { PriceBookResolver, priceBookReference } from './priceBook/priceBook.resolver.js';
import { CostTickerResolver } from './ticker/costTicker.resolver.js';

/** Billing's part of the graph. Needs neither database nor log. */
export const buildBillingSchema = () =>
  buildSubgraph({
    resolvers: [
      PriceBookResolver,
      GpuModelResolver,
      BudgetResolver,
      CostResolver,
      ProjectCostResolver,
      CostGroupResolver,
      ModelVersionResolver,
      CostTickerResolver,
      BudgetAlertResolver,
      deadLetterResolver('billing', 'fleet:operate' satisfies Permission),
    ],
    orphanedTypes: [Actor, ModelVersionStub, ...billableStubs],
    references: {
      PriceBook: priceBookReference,
      Budget: budgetReference,
      GpuModel: gpuModelReference,
      ModelVersion: modelVersionReference,
      // What a stub's fields show is decided field by field.
      Project: ({ id }) => ({ id }),
      ...billableReferences,
    },
  });
