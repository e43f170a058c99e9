import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeploymentEvent, Traffic } from '../../../contracts/models.events.js';
import { PublicError } from '../../../platform/errors.js';
import type { DeploymentEntity } from './deployment.js';
import { serving, V1, V2, V3 } from './deployment.fixture.js';
import { WHOLE } from './deployment.js';
import { decideRestoreTraffic, decideSetTraffic } from './traffic.js';

/** Parts of the whole, in basis points, for some of the versions. */
const vectors = fc
  .tuple(
    fc.shuffledSubarray([V1, V2, V3], { minLength: 1 }),
    fc.array(fc.integer({ min: 0, max: WHOLE }), { minLength: 2, maxLength: 2 }),
  )
  .map(([versions, cuts]): Traffic => {
    const marks = [0, ...cuts.slice(0, versions.length - 1).sort((a, b) => a - b), WHOLE];
    return versions.map((modelVersionId, index) => ({
      modelVersionId,
      weightBp: (marks[index + 1] ?? 0) - (marks[index] ?? 0),
    }));
  });

const sumOf = (traffic: Traffic) => traffic.reduce((sum, { weightBp }) => sum + weightBp, 0);

function apply(deployment: DeploymentEntity, events: readonly DeploymentEvent[]): DeploymentEntity {
  for (const event of events) if (event.type === 'DeploymentTrafficSet') checkEvent(deployment, event);
  return serving(deployment, ...events);
}

function checkEvent(
  deployment: DeploymentEntity,
  { data }: DeploymentEvent & { type: 'DeploymentTrafficSet' },
): void {
  expect(sumOf(data.traffic)).toBe(WHOLE);
  expect(data.previousTraffic).toEqual(deployment.state.traffic);
}

test('the parts are the whole after every event, and restoring leads back to exactly what was before', () => {
  fc.assert(
    fc.property(fc.array(fc.option(vectors, { freq: 4 }), { maxLength: 30 }), (steps) => {
      let deployment = serving();
      expect(sumOf(deployment.state.traffic)).toBe(WHOLE);
      for (const wanted of steps) {
        const { traffic, previousTraffic } = deployment.state;
        if (wanted) {
          deployment = apply(deployment, decideSetTraffic(deployment, wanted));
          expect(deployment.state.traffic).toEqual(wanted);
          const restored = JSON.stringify(wanted) === JSON.stringify(traffic) ? previousTraffic : traffic;
          expect(deployment.state.previousTraffic).toEqual(restored);
        } else if (previousTraffic) {
          deployment = apply(deployment, decideRestoreTraffic(deployment));
          expect(deployment.state.traffic).toEqual(previousTraffic);
          expect(deployment.state.previousTraffic).toEqual(traffic);
        }
        expect(sumOf(deployment.state.traffic)).toBe(WHOLE);
      }
    }),
  );
});

test('parts that are not the whole, or no parts, are refused with their places', () => {
  const refusals: [Traffic, (string | number)[]][] = [
    [[{ modelVersionId: V1, weightBp: 9_999 }], ['input', 'weights']],
    [[{ modelVersionId: V1, weightBp: 10_001 }], ['input', 'weights', 0, 'weightBp']],
    [
      [
        { modelVersionId: V1, weightBp: 10_500 },
        { modelVersionId: V2, weightBp: -500 },
      ],
      ['input', 'weights', 0, 'weightBp'],
    ],
    [
      [
        { modelVersionId: V1, weightBp: 5_000 },
        { modelVersionId: V1, weightBp: 5_000 },
      ],
      ['input', 'weights', 1, 'modelVersionId'],
    ],
    [[], ['input', 'weights']],
  ];
  for (const [traffic, path] of refusals) {
    const refusal = refusalOf(() => decideSetTraffic(serving(), traffic));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(refusal.details['faults']).toContainEqual(expect.objectContaining({ path }));
  }
});

test('what was never set cannot be restored', () => {
  expect(refusalOf(() => decideRestoreTraffic(serving())).code).toBe('NO_PREVIOUS_TRAFFIC');
});

function refusalOf(run: () => unknown): PublicError['extensions'] {
  try {
    run();
  } catch (error) {
    if (error instanceof PublicError) return error.extensions;
    throw error;
  }
  throw new Error('It was not refused');
}
