// The page of a job, which five subgraphs answer together: how often a second it can be asked for in one process on
// PGlite, how many SQL statements it takes, and whether a list of fifty takes more.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, print } from 'graphql';
import { developmentToken } from '../../dist/embedded/issuer/developmentToken.js';
import { readTrustedDocuments } from '../../dist/fleet/trustedDocuments.js';
import { dataOf } from '../fleet/client.mjs';
import { startCounted } from '../fleet/inProcess.mjs';

const BAR = { perSecond: 80, statements: 16 };
const JOBS = 50;
/** As many as run at once; the others wait, with their blockers. */
const RUNNING = 16;
const CALLERS = 8;
const WARM_UP_MS = 3_000;
const MEASURED_MS = 10_000;
const DEADLINE_MS = 60_000;

const documents = readTrustedDocuments();
const JOB_PAGE = documents.get('JobPage');
/** What the page selects of a job, for each job of a list. */
const LIST_PAGE = (() => {
  const [page] = parse(JOB_PAGE).definitions;
  const [job] = page.selectionSet.selections;
  return `query ($projectId: ID!, $first: Int!, $filter: JobFilter) {
    jobs(projectId: $projectId, first: $first, filter: $filter) { edges { node ${print(job.selectionSet)} } }
  }`;
})();

async function submitJobs(run, projectId) {
  const ids = [];
  for (let n = 0; n < JOBS; n++) {
    const request = {
      projectId,
      name: `bench-${n}`,
      image: 'bench',
      command: ['train'],
      gpu: { modelIn: ['h100-sxm5-80gb'], count: 1 },
      maxRuntime: 'PT2H',
      annotations: [{ key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: '2h' }],
    };
    const input = { idempotencyKey: randomUUID(), request };
    ids.push((await run(documents.get('SubmitJob'), { input })).submitJob.job.id);
  }
  const deadline = performance.now() + DEADLINE_MS;
  const running = `query ($projectId: ID!) { jobs(projectId: $projectId, filter: { phaseIn: [RUNNING] }, first: 1) { totalCount } }`;
  while ((await run(running, { projectId })).jobs.totalCount < RUNNING) {
    if (performance.now() > deadline) throw new Error(`${RUNNING} jobs should run by now`);
    await pause(100);
  }
  return ids;
}

/** Requests a second over HTTP, and the CPU that each takes, by several callers who each ask again when they were answered. */
async function requestsPerSecond({ url, issuer }, ids) {
  const authorization = `Bearer ${await developmentToken(issuer, 'vision-researcher')}`;
  const headers = { 'content-type': 'application/json', authorization };
  let answered = 0;
  const ask = async (id) => {
    const body = JSON.stringify({ query: JOB_PAGE, variables: { id } });
    const { job } = dataOf(await (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json());
    if (job.id !== id) throw new Error(`Asked for ${id} and got ${job.id}`);
    answered++;
  };
  const during = async (ms) => {
    const end = performance.now() + ms;
    const before = answered;
    const started = performance.now();
    const cpu = process.cpuUsage();
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let n = caller; performance.now() < end; n += CALLERS) await ask(ids[n % ids.length]);
    });
    await Promise.all(callers);
    const { user, system } = process.cpuUsage(cpu);
    const requests = answered - before;
    return {
      perSecond: (requests * 1_000) / (performance.now() - started),
      cpuMs: (user + system) / 1_000 / requests,
    };
  };
  await during(WARM_UP_MS);
  return during(MEASURED_MS);
}

async function countStatements(fleet, run, projectId, id) {
  const statements = async (query, variables) => {
    await run(query, variables); // Plans, and what is read once per process.
    return (await fleet.count(() => run(query, variables))).statements;
  };
  return {
    page: await statements(JOB_PAGE, { id }),
    // One that runs, because one that waits has no devices to read.
    one: await statements(LIST_PAGE, { projectId, first: 1, filter: { phaseIn: ['RUNNING'] } }),
    many: await statements(LIST_PAGE, { projectId, first: JOBS }),
  };
}

let missed = 0;
function verdict(isMet) {
  if (!isMet) missed++;
  return isMet ? 'ok' : 'MISSED';
}

const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-bench-'));
try {
  const fleet = await startCounted(folder);
  try {
    const run = await fleet.as('vision-researcher');
    const { me } = await run('{ me { projects(first: 1) { edges { node { id } } } } }');
    const projectId = me.projects.edges[0].node.id;
    const ids = await submitJobs(run, projectId);
    const { page, one, many } = await countStatements(fleet, run, projectId, ids[0]);
    console.log(
      `SQL statements of a job's page: ${page} (bar ≤ ${BAR.statements}) ${verdict(page <= BAR.statements)}`,
    );
    console.log(
      `SQL statements of a list of one job: ${one}; of ${JOBS}: ${many} (bar: the same) ${verdict(one === many)}`,
    );
    const { perSecond, cpuMs } = await requestsPerSecond(fleet, ids);
    console.log(
      `JobPage over HTTP, ${CALLERS} callers: ${perSecond.toFixed(0)}/s (bar ≥ ${BAR.perSecond}/s) ${verdict(perSecond >= BAR.perSecond)}`,
    );
    console.log(`CPU of one request, its caller's included: ${cpuMs.toFixed(1)} ms`);
  } finally {
    await fleet[Symbol.asyncDispose]();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
