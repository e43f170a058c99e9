import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory of a process and all its children, shared pages counted in each. */
export const residentMib = (pid) => treeOf(pid).reduce((sum, each) => sum + residentKib(each), 0) / 1024;

function treeOf(root) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), parentOf(pid)]);
  const tree = [root];
  for (const pid of tree)
    tree.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return tree;
}

const field = (pid, name) => {
  try {
    return Number(
      new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0,
    );
  } catch {
    return 0; // It has ended meanwhile.
  }
};
const parentOf = (pid) => field(pid, 'PPid');
const residentKib = (pid) => field(pid, 'VmRSS');
