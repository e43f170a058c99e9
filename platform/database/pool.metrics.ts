import type { Pool } from 'pg';
import { createReading } from '../telemetry/metrics.js';

const connections = createReading(
  'fleetgraph_database_connections',
  'Connections to the database that this process has open.',
  ['state'],
);

const waiting = createReading(
  'fleetgraph_database_waiting',
  'Statements and transactions that wait for a connection.',
  [],
);

/** Returns what ends it. */
export function measurePool(pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>): () => void {
  const stops = [
    connections.from(() => [
      [{ state: 'busy' }, pool.totalCount - pool.idleCount],
      [{ state: 'idle' }, pool.idleCount],
    ]),
    waiting.from(() => [[{}, pool.waitingCount]]),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
