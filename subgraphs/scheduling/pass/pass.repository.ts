import type { Database } from '../../../platform/database/database.js';
import { type Position, START } from '../../../platform/eventStore/event.js';
import type { Tails } from '../../../platform/server/tails.js';
import { fleetProjection } from '../facts/fleet.projection.js';
import type { KnownNode } from '../facts/knownNode.js';
import { limitsProjection } from '../facts/limits.projection.js';
import { moneyProjection } from '../facts/money.projection.js';
import { isFinal, JobPhase } from '../job/job.transitions.js';
import type { HeardContext } from './heard.js';
import type { KnownJob } from './knownJob.js';
import type { SchedulingPass, StandingDecision } from './schedulingPass.js';

type Reader = Database['prisma'];

const WAITING_OR_ACTIVE = Object.values(JobPhase).filter((phase) => !isFinal(phase));
const ACTIVE: readonly string[] = ['STARTING', 'RUNNING', 'COMPLETING'];

/**
 * Tells the pass what the rows say, and returns the positions after which to follow the events: those were read before the
 * rows, so that nothing is left out; what is told twice changes nothing.
 */
export async function loadPass(
  pass: SchedulingPass,
  { prisma }: Pick<Database, 'prisma'>,
  tails: Tails,
  now: number,
): Promise<Record<HeardContext, Position>> {
  const positions = {
    ...(await checkpoints(prisma)),
    scheduling: await (await tails('scheduling')).fetchHead(),
  };
  await Promise.all([
    loadLimits(pass, prisma),
    loadFleet(pass, prisma),
    loadMoney(pass, prisma),
    readStandingDecisions({ prisma }).then(pass.inheritDecisions),
  ]);
  await loadJobs(pass, prisma, now);
  return positions;
}

async function checkpoints(
  prisma: Reader,
): Promise<Record<'governance' | 'resources' | 'billing', Position>> {
  const names = [limitsProjection, fleetProjection, moneyProjection].map(({ name }) => name);
  const rows = await prisma.checkpoint.findMany({ where: { name: { in: names } } });
  const of = (context: string) => rows.find((row) => row.context === context)?.position ?? START;
  return { governance: of('governance'), resources: of('resources'), billing: of('billing') };
}

/** Many small rows arrive faster as one text. */
async function readArrays<Row extends readonly unknown[]>(rows: Promise<{ text: string }[]>): Promise<Row[]> {
  return JSON.parse((await rows)[0]?.text ?? '[]') as Row[];
}

async function loadLimits(pass: SchedulingPass, prisma: Reader): Promise<void> {
  const [projects, quotas] = await Promise.all([
    readArrays<[string, string | null]>(prisma.$queryRaw`
      SELECT coalesce(json_agg(json_build_array(id, lineage[cardinality(lineage) - 1]) ORDER BY cardinality(lineage)), '[]')::text
        AS text FROM scheduling.known_project`),
    readArrays<[string, string, number]>(prisma.$queryRaw`
      SELECT coalesce(json_agg(json_build_array(project_id, gpu_model_id, nominal)), '[]')::text AS text
      FROM scheduling.known_quota`),
  ]);
  for (const [id, parentId] of projects) pass.addProject(id, parentId);
  for (const [projectId, gpuModelId, nominal] of quotas)
    pass.quotas.setNominal(projectId, gpuModelId, nominal);
}

async function loadFleet({ fleet }: SchedulingPass, prisma: Reader): Promise<void> {
  const [clusters, nodes, allocations] = await Promise.all([
    readArrays<[string, string]>(prisma.$queryRaw`
      SELECT coalesce(json_agg(json_build_array(id, connectivity)), '[]')::text AS text FROM scheduling.known_cluster`),
    readArrays<[string, KnownNode]>(prisma.$queryRaw`
      SELECT coalesce(json_agg(json_build_array(id, state)), '[]')::text AS text FROM scheduling.known_node`),
    readArrays<[string, string, string, string, string, string]>(prisma.$queryRaw`
      SELECT coalesce(json_agg(json_build_array(id, owner_id, project_id, node_id, gpu_id, gpu_model_id)), '[]')::text AS text
      FROM scheduling.open_allocation`),
  ]);
  for (const [id, connectivity] of clusters) fleet.setConnectivity(id, connectivity);
  for (const [id, ownerId, projectId, nodeId, gpuId, gpuModelId] of allocations)
    fleet.open({ id, ownerId, projectId, nodeId, gpuId, gpuModelId });
  for (const [id, node] of nodes) fleet.setNode(id, node);
}

async function loadMoney({ money }: SchedulingPass, prisma: Reader): Promise<void> {
  const [books, budgets] = await Promise.all([
    prisma.knownPrices.findMany(),
    prisma.knownBudget.findMany({ orderBy: { id: 'asc' } }),
  ]);
  for (const { id, currency, rates, inForceFrom } of books)
    money.addPriceBook(id, {
      currency,
      rates: rates as Record<string, string>,
      inForceFrom: inForceFrom?.getTime() ?? null,
    });
  for (const { id, projectId } of budgets) money.addBudget(id, projectId);
}

type JobArray = [
  ...[id: string, projectId: string, queueId: string, phase: JobPhase, version: number, priority: number],
  ...[attempt: number, since: number, notBefore: number | null, count: number, modelIn: string[]],
  ...[
    maxRuntimeSeconds: number,
    gpuModelId: string | null,
    startedAt: number | null,
    approvalId: string | null,
  ],
];

async function loadJobs(pass: SchedulingPass, prisma: Reader, now: number): Promise<void> {
  const rows = await readArrays<JobArray>(prisma.$queryRaw`
    SELECT coalesce(json_agg(json_build_array(id, project_id, queue_id, phase, version, priority, attempt,
      round(extract(epoch FROM coalesce(queued_at, updated_at)) * 1000),
      round(extract(epoch FROM not_before) * 1000), gpu_count, model_in, max_runtime_seconds, reserved_model_id,
      round(extract(epoch FROM started_at) * 1000),
      CASE WHEN phase = 'AWAITING_APPROVAL' THEN state->>'approvalId' END) ORDER BY id), '[]')::text AS text
    FROM scheduling.job WHERE phase = ANY(${WAITING_OR_ACTIVE})`);
  for (const row of rows) pass.addJob(toKnownJob(row), now);
}

function toKnownJob(row: JobArray): KnownJob {
  const [id, projectId, queueId, phase, version, priority, attempt, since, notBefore, count] = row;
  const [, , , , , , , , , , modelIn, maxRuntimeSeconds, gpuModelId, startedAt, approvalId] = row;
  return {
    id,
    projectId,
    queueId,
    phase,
    version,
    priority,
    attempt,
    since,
    notBefore,
    count,
    modelIn,
    maxRuntimeSeconds,
    gpuModelId,
    approvalId,
    startedAt: ACTIVE.includes(phase) ? startedAt : null,
  };
}

/** What the leader has found, and not ended. */
export async function readStandingDecisions({
  prisma,
}: Pick<Database, 'prisma'>): Promise<StandingDecision[]> {
  const rows = await prisma.decision.findMany({
    where: { endedAt: null },
    select: { id: true, classKey: true, blockers: true },
  });
  return rows.map(({ id, classKey, blockers }) => ({
    id,
    classKey,
    reasons: new Map(
      (blockers as { reason: string; since: string }[]).map((each) => [each.reason, Date.parse(each.since)]),
    ),
  }));
}
