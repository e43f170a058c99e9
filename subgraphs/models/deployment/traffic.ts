import type { DeploymentEvent, Traffic } from '../../../contracts/models.events.js';
import { badUserInput, type InputFault } from '../../../platform/errors.js';
import { checkCommand, type Deployment } from './deployment.decide.js';
import { WHOLE } from './deployment.js';
import { noPreviousTraffic } from './errors.js';

/** What single fields cannot say of the wanted parts: every version once, and all of them together the whole. */
export function trafficFaults(traffic: Traffic): InputFault[] {
  const ids = traffic.map(({ modelVersionId }) => modelVersionId);
  const repeated = ids.flatMap((id, index) =>
    ids.indexOf(id) === index ? [] : [{ path: [index, 'modelVersionId'], message: `${id} occurs twice` }],
  );
  const outOfRange = traffic.flatMap(({ weightBp }, index) =>
    Number.isInteger(weightBp) && weightBp >= 0 && weightBp <= WHOLE
      ? []
      : [{ path: [index, 'weightBp'], message: `must be a whole number from 0 to ${WHOLE}` }],
  );
  const sum = traffic.reduce((total, { weightBp }) => total + weightBp, 0);
  const wrongSum = sum === WHOLE ? [] : [{ path: [], message: `must sum to ${WHOLE}, not to ${sum}` }];
  return [...repeated, ...outOfRange, ...wrongSum];
}

/** The same parts as now change nothing. Refused with BAD_USER_INPUT if they are not the whole. */
export function decideSetTraffic(deployment: Deployment, traffic: Traffic): DeploymentEvent[] {
  const faults = trafficFaults(traffic);
  if (faults.length > 0)
    throw badUserInput(faults.map(({ path, message }) => ({ path: ['input', 'weights', ...path], message })));
  checkCommand(deployment, 'setTraffic');
  return moved(deployment, traffic);
}

/** Back to the parts before they were set last, exactly. Refused if they never were. */
export function decideRestoreTraffic(deployment: Deployment): DeploymentEvent[] {
  checkCommand(deployment, 'restoreTraffic');
  const { previousTraffic } = deployment.state;
  if (previousTraffic === null) throw noPreviousTraffic(deployment.id);
  return moved(deployment, previousTraffic);
}

function moved({ state }: Deployment, traffic: Traffic): DeploymentEvent[] {
  if (isSame(state.traffic, traffic)) return [];
  return [{ type: 'DeploymentTrafficSet', data: { traffic, previousTraffic: state.traffic } }];
}

const isSame = (one: Traffic, other: Traffic): boolean =>
  one.length === other.length &&
  one.every(
    ({ modelVersionId, weightBp }, index) =>
      other[index]?.modelVersionId === modelVersionId && other[index].weightBp === weightBp,
  );
