import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

/** One stored change: the object after it, `null` when it was deleted. */
export type Entry = { version: number; key: string; object: KubeObject | null };

/** Where the store survives its process. */
export type Journal = {
  load(): { version: number; entries: { key: string; object: KubeObject }[] };
  /** When it returns, the change survives the end of this process. `objects` is the whole state after it. */
  append(entry: Entry, objects: ReadonlyMap<string, KubeObject>): void;
  close(): void;
};

/** Keeps nothing. */
export const memoryJournal: Journal = {
  load: () => ({ version: 0, entries: [] }),
  append: () => undefined,
  close: () => undefined,
};

/** The cluster's secrets are in it. */
const OWNER_ONLY = 0o600;

/** The file is rewritten when it has this many lines more than there are objects. */
const SUPERFLUOUS_LINES_MAX = 10_000;

/**
 * A file of JSON lines, one per change. A line is with the operating system before `append` returns, so that it
 * survives `kill -9`; a loss of power may take the last ones. One process at a time may have it open.
 */
export function openFileJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  let file: number | null = null;
  let lines = 0;

  const write = (to: number, entry: Entry | { version: number }) =>
    writeSync(to, `${JSON.stringify(entry)}\n`);

  const rewrite = (version: number, objects: ReadonlyMap<string, KubeObject>) => {
    const next = openSync(`${path}.next`, 'w', OWNER_ONLY);
    for (const [key, object] of objects) write(next, { version, key, object });
    // Deletions leave no line: without this one, versions would be used twice.
    write(next, { version });
    fsyncSync(next);
    renameSync(`${path}.next`, path);
    if (file !== null) closeSync(file);
    file = next;
    lines = objects.size + 1;
  };

  return {
    load() {
      const { entries, version, wholeBytes } = readJournal(path);
      // Half a line at the end is a change that nobody was told of.
      if (existsSync(path)) truncateSync(path, wholeBytes);
      const objects = new Map<string, KubeObject>();
      for (const { key, object } of entries) {
        if (object) objects.set(key, object);
        else objects.delete(key);
      }
      rewrite(version, objects);
      return { version, entries: [...objects].map(([key, object]) => ({ key, object })) };
    },
    append(entry, objects) {
      if (file === null) throw new Error('The cluster is closed');
      write(file, entry);
      lines += 1;
      if (lines - objects.size > SUPERFLUOUS_LINES_MAX) rewrite(entry.version, objects);
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

function readJournal(path: string): { entries: Entry[]; version: number; wholeBytes: number } {
  if (!existsSync(path)) return { entries: [], version: 0, wholeBytes: 0 };
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
  return {
    entries: lines.filter(({ key }) => key !== undefined),
    version: lines.reduce((highest, line) => Math.max(highest, line.version), 0),
    wholeBytes: Buffer.byteLength(whole),
  };
}
