import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { startCounted } from './inProcess.mjs';

const INSTANCES = 50;
/** As many as there are devices; more come when some of them are terminated. */
const AT_ONCE = 30;

const PAGE = `query ($projectId: ID!, $first: Int!) { project(id: $projectId) { instances(first: $first) { edges { node {
  id name state version observedAt labels { key value } project { id name } createdBy { id displayName }
  endpoints { name url } allocations { id from to gpu { id uuid model { id name } node { id name } } }
  provisioningSteps { name state startedAt endedAt }
  cost { accrued { amount currency } ratePerHour { amount currency } }
  availableActions { action allowed reason }
  auditTrail(first: 20) { edges { node { id type at actor { id displayName } } } } } } } } }`;

const REQUEST = `mutation ($input: RequestInstanceInput!) { requestInstance(input: $input) { instance { id } } }`;
const TERMINATE = `mutation ($input: InstanceCommandInput!) { terminateInstance(input: $input) { eventId } }`;

/** How many SQL statements the page of one instance takes in a list, and how many those of fifty. */
export async function countPageStatements(folder) {
  const fleet = await startCounted(folder);
  try {
    const run = await fleet.as('vision-researcher');
    const { me } = await run('{ me { projects(first: 1) { edges { node { id } } } } }');
    const projectId = me.projects.edges[0].node.id;
    await requestMany(run, projectId);

    const statements = async (first) => {
      const { result, statements: taken } = await fleet.count(() => run(PAGE, { projectId, first }));
      return { taken, shown: result.project.instances.edges.length };
    };
    await statements(1); // Plans, and what is read once per process.
    const [one, many] = [await statements(1), await statements(INSTANCES)];
    if (many.shown !== INSTANCES) throw new Error(`The list shows ${many.shown} instances`);
    return { one: one.taken, many: many.taken, instances: INSTANCES };
  } finally {
    await fleet[Symbol.asyncDispose]();
  }
}

async function requestMany(run, projectId) {
  const living = [];
  for (let n = 0; n < INSTANCES; n++) {
    if (living.length === AT_ONCE)
      await run(TERMINATE, { input: { idempotencyKey: randomUUID(), id: living.shift() } });
    const model = n % 2 ? 'h100-sxm5-80gb' : 'a100-sxm4-80gb';
    const request = { projectId, name: `bench-${n}`, image: 'bench', gpu: { modelIn: [model], count: 1 } };
    living.push(await requestSoon(run, { idempotencyKey: randomUUID(), request }));
  }
}

/** A terminated instance gives its devices back when its pod is gone. */
async function requestSoon(run, input) {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      return (await run(REQUEST, { input })).requestInstance.instance.id;
    } catch (error) {
      if (!/QUOTA_EXCEEDED|CAPACITY_EXHAUSTED/.test(error.message) || performance.now() > deadline)
        throw error;
      await pause(50);
    }
  }
}
