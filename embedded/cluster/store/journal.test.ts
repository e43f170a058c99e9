import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leases, namespaces } from '../resources.js';
import { openFileJournal } from './journal.js';
import { createStore } from './store.js';
import type { Namespace } from '../../../platform/kubernetes/kinds.js';

function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-journal-'));
  const path = join(folder, 'cluster.jsonl');
  return {
    path,
    open: () => createStore(openFileJournal(path), 100),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

const namespace = (name: string, labels = {}): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, uid: name, resourceVersion: '', labels },
});

test('what was stored is there when the file is opened again, without any closing', () => {
  using disk = scratch();
  const before = disk.open();
  const kept = before.put(namespaces, namespace('kept'));
  before.remove(namespaces, before.put(namespaces, namespace('deleted')));
  const after = disk.open();
  expect(after.list(namespaces)).toEqual([kept]);
  expect(after.version()).toBe(before.version());
});

test('no version is used twice, not even that of a deletion', () => {
  using disk = scratch();
  const before = disk.open();
  before.remove(namespaces, before.put(namespaces, namespace('a')));
  const last = before.version();
  before.close();
  disk.open().close();
  expect(Number(disk.open().put(namespaces, namespace('b')).metadata.resourceVersion)).toBe(last + 1);
});

test('half a line at the end, from a process that died while writing, is dropped', () => {
  using disk = scratch();
  const before = disk.open();
  const kept = before.put(namespaces, namespace('kept'));
  before.close();
  appendFileSync(disk.path, '{"version":99,"key":"v1/namespaces//ha');
  const after = disk.open();
  expect(after.list(namespaces)).toEqual([kept]);
  after.put(namespaces, namespace('next'));
  expect(disk.open().list(namespaces)).toHaveLength(2);
});

test('the file stays in proportion to what is stored, however often that changes', () => {
  using disk = scratch();
  const store = disk.open();
  for (let count = 0; count < 25_000; count += 1)
    store.put(namespaces, namespace('busy', { count: String(count) }));
  store.close();
  expect(statSync(disk.path).size).toBeLessThan(3_000_000);
  expect(readFileSync(disk.path, 'utf8').split('\n').length).toBeLessThan(10_010);
  expect(disk.open().list(namespaces)[0]?.metadata.labels).toEqual({ count: '24999' });
});

test('a watcher that is too far behind is told so, and one that is not gets every change', () => {
  using disk = scratch();
  const store = createStore(openFileJournal(disk.path), 3);
  for (const name of ['a', 'b', 'c', 'd']) store.put(namespaces, namespace(name));
  expect(store.changesSince(0)).toBeNull();
  expect(store.changesSince(1)?.map(({ version }) => version)).toEqual([2, 3, 4]);
  expect(store.changesSince(4)).toEqual([]);
  expect(store.list(leases)).toEqual([]);
});
