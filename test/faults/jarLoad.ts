import { appendFileSync } from 'node:fs';
import { ulid } from 'ulid';
import { openDatabase } from '../../platform/database/database.js';
import { PublicError } from '../../platform/errors.js';
import { createJars, type Jars } from '../testkit/jars.js';
import { randomsOf } from '../testkit/randoms.js';
import {
  CONTEXT,
  ensureJarTables,
  type HistoryEntry,
  type JarOperation,
  runOperation,
} from './jarHistory.js';

const CALLERS = 4;
const JARS = 6;

/**
 * A process that changes jars in a database until it is killed. It writes to a history file what it asks for before it
 * asks, and the outcome once it knows. Arguments: database folder, history file, seed. Says `ready` when it begins.
 */
async function main(folder: string, historyFile: string, seed: number): Promise<void> {
  const randoms = randomsOf(seed);
  const database = await openDatabase({ url: `pglite:${folder}` });
  await ensureJarTables(database);
  const jars = createJars(database, { context: CONTEXT });
  const note = (entry: HistoryEntry) => appendFileSync(historyFile, `${JSON.stringify(entry)}\n`);
  process.stdout.write('ready\n');
  await Promise.all(Array.from({ length: CALLERS }, () => callForEver(jars, note, randoms)));
}

async function callForEver(
  jars: Jars,
  note: (entry: HistoryEntry) => void,
  { below }: ReturnType<typeof randomsOf>,
): Promise<void> {
  for (;;) {
    const jar = `jar_${below(JARS)}`;
    const operation: JarOperation = {
      key: ulid(),
      jar,
      name: below(2) ? 'add' : 'take',
      count: 1 + below(5),
    };
    note({ at: 'asked', ...operation });
    try {
      const { eventId, version, result } = await runOperation(jars, operation);
      note({ at: 'ok', key: operation.key, answer: { eventId, version, result } });
    } catch (error) {
      if (!(error instanceof PublicError)) throw error;
      note({ at: 'refused', key: operation.key });
    }
  }
}

const [folder = '', historyFile = '', seed = '0'] = process.argv.slice(2);
await main(folder, historyFile, Number(seed));
