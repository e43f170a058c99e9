import type { JobBlocker } from './standing.js';

/** What is in the way, with its numbers as they are now. */
export type Obstacle = Omit<JobBlocker, 'rank' | 'since'>;

/** Something that has to be so before equal jobs may start on one model. */
export type CheckRule = {
  /** Names the limit, the budget or the devices that it is about: what a blocker is recognised by as its numbers change. */
  readonly subject: string;
  /** What says that it may have changed. */
  readonly topics: readonly string[];
  /** The code of what is in the way; null if nothing is. Cheap: it is asked again at every change. */
  readonly look: () => Obstacle['code'] | null;
  /** What it compares now. */
  readonly numbers: () => Pick<Obstacle, 'need' | 'free'>;
  readonly describe: () => Omit<Obstacle, 'code' | 'need' | 'free'>;
};

/** A rule with what it said last. Equal jobs share it. */
export type Check = CheckRule & {
  readonly key: string;
  code: Obstacle['code'] | null;
  /** Names what is in the way, whatever its numbers: as long as the name stays, so does `since`. Null if nothing is. */
  reason: string | null;
  readonly users: CheckUser[];
};

/** What is in the way, in full; null if nothing is. */
export const obstacleOf = ({ code, numbers, describe }: Check): Obstacle | null =>
  code === null ? null : { code, ...numbers(), ...describe() };

/** A rule with the key by which it is known. Rules with equal keys must be equal. */
export type KeyedRule = readonly [key: string, rule: () => CheckRule];

/** Rules that are always needed together, by a key of their own. */
export type RuleSet = readonly [key: string, rules: () => readonly KeyedRule[]];

/** Whoever needs checks to pass; `failing` of them do not. */
export type CheckUser = { readonly checks: readonly Check[]; failing: number };

export type Checks = ReturnType<typeof createChecks>;

/**
 * All checks that anybody depends on. A change of a topic is looked at once per check, however many jobs depend on it,
 * and only those are told whose check says something else than before.
 */
export function createChecks(onChange: (user: CheckUser) => void) {
  const checks = new Map<string, Check>();
  const byTopic = new Map<string, Set<Check>>();
  const sets = new Map<string, { checks: readonly Check[]; users: number }>();

  function look(check: Check): void {
    const code = check.look();
    if (code === check.code) return;
    check.code = code;
    check.reason = code === null ? null : `${code} ${check.subject}`;
  }

  function obtain(key: string, rule: () => CheckRule): Check {
    const known = checks.get(key);
    if (known) return known;
    const made = rule();
    const check: Check = { ...made, key, code: null, reason: null, users: [] };
    look(check);
    checks.set(key, check);
    for (const topic of check.topics) {
      const about = byTopic.get(topic);
      if (about) about.add(check);
      else byTopic.set(topic, new Set([check]));
    }
    return check;
  }

  function drop(check: Check): void {
    checks.delete(check.key);
    for (const topic of check.topics) {
      const about = byTopic.get(topic);
      about?.delete(check);
      if (about?.size === 0) byTopic.delete(topic);
    }
  }

  function obtainSet([key, rules]: RuleSet): readonly Check[] {
    const known = sets.get(key) ?? { checks: rules().map(([each, rule]) => obtain(each, rule)), users: 0 };
    known.users++;
    sets.set(key, known);
    return known.checks;
  }

  function leaveSet(key: string): void {
    const known = sets.get(key);
    if (known && --known.users === 0) sets.delete(key);
  }

  return {
    /** Makes a user of checks. */
    use<User extends object>(user: User, ruleSets: readonly RuleSet[]) {
      const keys = ruleSets.map(([key]) => key);
      const used = ruleSets.flatMap(obtainSet);
      const made: User & CheckUser = {
        ...user,
        checks: used,
        failing: used.filter(({ code }) => code !== null).length,
      };
      for (const check of used) check.users.push(made);
      return {
        user: made,
        release() {
          keys.forEach(leaveSet);
          for (const check of used) {
            check.users.splice(check.users.indexOf(made), 1);
            if (check.users.length === 0) drop(check);
          }
        },
      };
    },

    /** Looks again at all checks about something that changed. */
    changed(topic: string): void {
      for (const check of byTopic.get(topic) ?? []) {
        const before = check.code;
        look(check);
        if (check.code === before) continue;
        const step = Number(check.code !== null) - Number(before !== null);
        for (const user of check.users) {
          user.failing += step;
          onChange(user);
        }
      }
    },
  };
}
