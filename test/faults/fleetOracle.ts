import { SUBGRAPH_NAMES } from '../../contracts/subgraphs.js';
import { rebuildAll } from '../../fleet/rebuild.js';
import type { Database } from '../../platform/database/database.js';
import { dumpSchema } from '../testkit/liveEqualsRebuilt.js';
import type { FleetHistory } from './fleetLoad.js';

/**
 * Everything in the store that contradicts what clients were told; empty when it holds exactly that (RELIABILITY's
 * oracle 1–4, 6 and 9). Nothing else may have the database open.
 */
export async function fleetContradictions(database: Database, history: FleetHistory): Promise<string[]> {
  return [
    ...(await historyFaults(database, history)),
    ...(await orderFaults(database)),
    ...(await allocationFaults(database)),
    ...(await holdFaults(database)),
    ...(await readModelFaults(database)),
  ];
}

async function historyFaults({ prisma }: Database, history: FleetHistory): Promise<string[]> {
  const faults: string[] = [];
  for (const [key, { operation, outcome }] of history) {
    const events = await prisma.event.findMany({ where: { requestId: key } });
    if (outcome.at === 'ok') {
      const { eventId } = outcome.answer;
      const event = events.find(({ id }) => id === eventId);
      const same = events.filter(({ type }) => type === event?.type).length;
      if (same !== 1) faults.push(`${operation.name} ${key} was acknowledged and is stored ${same} times`);
    }
    // The money of a refused request may have been held, and is then released.
    const kept = events.filter(({ type }) => !type.startsWith('Hold'));
    if (outcome.at === 'refused' && kept.length > 0)
      faults.push(`${operation.name} ${key} was refused (${outcome.code}) and stored ${kept[0]?.type}`);
  }
  return faults;
}

/** Positions per context and versions per stream are 1, 2, 3 … */
async function orderFaults({ prisma }: Database): Promise<string[]> {
  const gaps = await prisma.$queryRaw<{ place: string }[]>`
    SELECT context AS place FROM eventlog.event GROUP BY context
    HAVING max(position) <> count(*) OR min(position) <> 1
    UNION ALL
    SELECT stream_id FROM eventlog.event GROUP BY context, stream_id
    HAVING max(version) <> count(*) OR min(version) <> 1`;
  return gaps.map(({ place }) => `${place} has a gap`);
}

/** Two owners never have one device at one time, and a project never has more than its quota. */
async function allocationFaults({ prisma }: Database): Promise<string[]> {
  const twice = await prisma.$queryRaw<{ id: string }[]>`
    SELECT a.gpu_id AS id FROM resources.allocation a JOIN resources.allocation b
    ON a.gpu_id = b.gpu_id AND a.id < b.id
    AND a.opened_at < coalesce(b.closed_at, 'infinity') AND b.opened_at < coalesce(a.closed_at, 'infinity')`;
  const instances = await prisma.instance.findMany();
  const open = await prisma.allocation.findMany({ where: { closedAt: null } });
  const holders = new Set(open.map(({ ownerId }) => ownerId));
  const faults = twice.map(({ id }) => `${id} was given twice`);
  for (const { id, phase } of instances) {
    if (!['RUNNING', 'STOPPED', 'TERMINATED', 'FAILED'].includes(phase)) faults.push(`${id} stays ${phase}`);
    if (holders.has(id) !== (phase === 'RUNNING'))
      faults.push(`${id} is ${phase}, its devices say otherwise`);
  }
  return faults;
}

/** Money is held for what runs. A hold of a request that was cut off lapses: its timer is there. */
async function holdFaults({ prisma }: Database): Promise<string[]> {
  const live = await prisma.budgetHold.findMany({ where: { live: true } });
  const timers = new Set((await prisma.timer.findMany()).map(({ key }) => key));
  const running = new Set(
    (await prisma.instance.findMany({ where: { phase: 'RUNNING' } })).map(({ id }) => id),
  );
  return live
    .filter(({ id, ownerId }) => !running.has(ownerId) && !timers.has(id) && !timers.has(ownerId))
    .map(({ id, ownerId }) => `${id} of ${ownerId} is held for ever`);
}

async function readModelFaults(database: Database): Promise<string[]> {
  const dump = () => Promise.all(SUBGRAPH_NAMES.map((schema) => dumpSchema(database, schema)));
  const live = await dump();
  await rebuildAll(database, () => {});
  const rebuilt = await dump();
  return SUBGRAPH_NAMES.filter((_name, index) => live[index] !== rebuilt[index]).map(
    (name) => `the read models of ${name} are not what its events say`,
  );
}
