import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { gpuCatalogue } from '../../../contracts/gpuCatalogue.js';
import { badUserInput } from '../../../platform/errors.js';
import type { Context } from '../context.js';
import { toArchitecture } from '../modelVersion/architecture.type.js';
import type { ModelVersionState } from '../modelVersion/modelVersion.js';
import { requiredVersion } from '../modelVersion/visibleVersion.js';
import { fitsOf } from './fits.js';
import { EstimateVramInput } from './vram.inputs.js';
import { estimateVram, type VramQuestion } from './vram.js';
import { VramEstimate } from './vram.type.js';

const PARAMETERS_MAX = 10n ** 14n;
/** Of GraphQL's whole numbers. */
const MIB_MAX = 2_147_483_647;

@Resolver()
export class VramResolver {
  @Query(() => VramEstimate, {
    description:
      'How much GPU memory it takes to serve or to train a model, and which models of GPU can hold it.',
  })
  async estimateVram(
    @Arg('input', () => EstimateVramInput, { description: 'The model, and what it is to be used for.' })
    input: EstimateVramInput,
    @Ctx() context: Context,
  ): Promise<VramEstimate> {
    const { modelVersionId } = input;
    const version = modelVersionId == null ? null : (await requiredVersion(modelVersionId, context)).state;
    const { perGpuMiB, ...estimate } = estimateVram(questionOf(input, version));
    if (estimate.totalMiB > MIB_MAX)
      throw badUserInput([{ path: ['input'], message: 'would take more than 2 PiB; check the numbers' }]);
    const fits = fitsOf({ ...estimate, perGpuMiB }, gpuCatalogue);
    return {
      ...estimate,
      fits: fits.map(({ gpuModelId, ...fit }) => ({ ...fit, gpuModel: { id: gpuModelId } })),
    };
  }
}

function questionOf(input: EstimateVramInput, version: ModelVersionState | null): VramQuestion {
  const known = version?.parameters == null ? null : BigInt(version.parameters);
  const parameters = input.parameters ?? known;
  const path = ['input', 'parameters'];
  if (parameters === null)
    throw badUserInput([
      { path, message: version ? 'is needed: the version does not say' : 'or a modelVersionId is needed' },
    ]);
  if (parameters < 1n || parameters > PARAMETERS_MAX)
    throw badUserInput([{ path, message: `must be 1 to ${PARAMETERS_MAX}` }]);
  const { architecture, contextTokens, concurrency, mode } = input;
  return {
    parameters,
    precision: input.precision ?? version?.precision ?? 'BF16',
    architecture: architecture ? toArchitecture(architecture) : (version?.architecture ?? null),
    contextTokens,
    concurrency,
    mode,
  };
}
