import type { DeploymentEvent, Traffic } from '../../../contracts/models.events.js';
import { badUserInput, type InputFault } from '../../../platform/errors.js';
import { checkCommand } from './deployment.decide.js';
import { type DeploymentEntity, WHOLE } from './deployment.js';
import { noPreviousTraffic } from './errors.js';

/** Refused with BAD_USER_INPUT unless every version occurs once, and all parts together are the whole. */
export function checkTraffic(traffic: Traffic): void {
  const ids = traffic.map(({ modelVersionId }) => modelVersionId);
  const repeated = ids.flatMap((id, index) =>
    ids.indexOf(id) === index ? [] : [fault([index, 'modelVersionId'], `${id} occurs twice`)],
  );
  const outOfRange = traffic.flatMap(({ weightBp }, index) =>
    Number.isInteger(weightBp) && weightBp >= 0 && weightBp <= WHOLE
      ? []
      : [fault([index, 'weightBp'], `must be a whole number from 0 to ${WHOLE}`)],
  );
  const sum = traffic.reduce((total, { weightBp }) => total + weightBp, 0);
  const wrongSum = sum === WHOLE ? [] : [fault([], `must sum to ${WHOLE}, not to ${sum}`)];
  const faults = [...repeated, ...outOfRange, ...wrongSum];
  if (faults.length > 0) throw badUserInput(faults);
}

const fault = (path: readonly (string | number)[], message: string): InputFault => ({
  path: ['input', 'weights', ...path],
  message,
});

/** The same parts as now change nothing. Refused with BAD_USER_INPUT if they are not the whole. */
export function decideSetTraffic(deployment: DeploymentEntity, traffic: Traffic): DeploymentEvent[] {
  checkTraffic(traffic);
  checkCommand(deployment, 'setTraffic');
  return moved(deployment, traffic);
}

/** Back to the parts before they were set last, exactly. Refused if they never were. */
export function decideRestoreTraffic(deployment: DeploymentEntity): DeploymentEvent[] {
  checkCommand(deployment, 'restoreTraffic');
  const { previousTraffic } = deployment.state;
  if (previousTraffic === null) throw noPreviousTraffic(deployment.id);
  return moved(deployment, previousTraffic);
}

function moved({ state }: DeploymentEntity, traffic: Traffic): DeploymentEvent[] {
  if (isSame(state.traffic, traffic)) return [];
  return [{ type: 'DeploymentTrafficSet', data: { traffic, previousTraffic: state.traffic } }];
}

const isSame = (one: Traffic, other: Traffic): boolean =>
  one.length === other.length &&
  one.every(
    ({ modelVersionId, weightBp }, index) =>
      other[index]?.modelVersionId === modelVersionId && other[index].weightBp === weightBp,
  );
