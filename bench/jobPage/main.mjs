// The page of a job, which five subgraphs answer together: how often a second it can be asked for in one process on
// PGlite, how many SQL statements it takes, and whether a list of fifty takes more.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, print } from 'graphql';
import { readTrustedDocuments } from '../../dist/fleet/trustedDocuments.js';
import { signIn } from '../fleet/client.mjs';
import { startCounted } from '../fleet/inProcess.mjs';
import { startFleetgraph } from '../fleet/process.mjs';

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

/** Pages a second, for several callers who each ask again when they were answered. */
async function pagesPerSecond(researcher, ids) {
  const during = async (ms) => {
    let answered = 0;
    const started = performance.now();
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let n = caller; performance.now() < started + ms; n += CALLERS) {
        const id = ids[n % ids.length];
        const { job } = await researcher.send(JOB_PAGE, { id });
        if (job.id !== id) throw new Error(`Asked for ${id} and got ${job.id}`);
        answered++;
      }
    });
    await Promise.all(callers);
    return (answered * 1_000) / (performance.now() - started);
  };
  await during(WARM_UP_MS);
  return during(MEASURED_MS);
}

const projectOf = async (run) =>
  (await run('{ me { projects(first: 1) { edges { node { id } } } } }')).me.projects.edges[0].node.id;

/** By the engine in this process, so that what a request takes can be told from what goes on besides. */
async function benchStatements(folder) {
  const fleet = await startCounted(folder);
  try {
    const run = await fleet.as('vision-researcher');
    const projectId = await projectOf(run);
    const [id] = await submitJobs(run, projectId);
    const statements = async (query, variables) => {
      await run(query, variables); // Plans, and what is read once per process.
      return (await fleet.count(() => run(query, variables))).statements;
    };
    const page = await statements(JOB_PAGE, { id });
    // One that runs, because one that waits has no devices to read.
    const one = await statements(LIST_PAGE, { projectId, first: 1, filter: { phaseIn: ['RUNNING'] } });
    const many = await statements(LIST_PAGE, { projectId, first: JOBS });
    report(`SQL statements of a job's page: ${page} (bar ≤ ${BAR.statements})`, page <= BAR.statements);
    report(`SQL statements of a list of one job: ${one}; of ${JOBS}: ${many} (bar: the same)`, one === many);
  } finally {
    await fleet[Symbol.asyncDispose]();
  }
}

/** From outside, by `npm start` as it is. */
async function benchPages(folder) {
  const fleet = await startFleetgraph(folder);
  try {
    const researcher = await signIn(fleet, 'vision-researcher');
    const ids = await submitJobs(researcher.send, await projectOf(researcher.send));
    const rate = await pagesPerSecond(researcher, ids);
    report(
      `JobPage over HTTP, ${CALLERS} callers: ${rate.toFixed(0)}/s (bar ≥ ${BAR.perSecond}/s)`,
      rate >= BAR.perSecond,
    );
  } finally {
    await fleet.stop();
  }
}

let missed = 0;
function report(what, isMet) {
  console.log(`${what} ${isMet ? 'ok' : 'MISSED'}`);
  if (!isMet) missed++;
}

const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-bench-'));
try {
  await benchStatements(join(folder, 'statements'));
  await benchPages(join(folder, 'pages'));
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
