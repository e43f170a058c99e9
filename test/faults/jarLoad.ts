import { appendFileSync } from 'node:fs';
import { openDatabase } from '../../platform/database/database.js';
import { createJars } from '../testkit/jars.js';
import { randomsOf } from '../testkit/randoms.js';
import { callJars } from './jarCalls.js';
import { CONTEXT, ensureJarTables, type HistoryEntry } from './jarHistory.js';

/**
 * A process that changes jars in a database until it is killed. It writes to a history file what it asks for before it
 * asks, and the outcome once it knows. Arguments: database folder, history file, seed. Says `ready` when it begins.
 */
const [folder = '', historyFile = '', seed = '0'] = process.argv.slice(2);
const database = await openDatabase({ url: `pglite:${folder}` });
await ensureJarTables(database);
const jars = createJars(database, { context: CONTEXT });
const note = (entry: HistoryEntry) => appendFileSync(historyFile, `${JSON.stringify(entry)}\n`);
process.stdout.write('ready\n');
await callJars({ jars, note, randoms: randomsOf(Number(seed)) });
