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
export type Check<User = CheckUser> = {
  readonly key: string;
  readonly rule: CheckRule;
  code: Obstacle['code'] | null;
  /** Names what is in the way, whatever its numbers: as long as the name stays, so does `since`. Null if nothing is. */
  reason: string | null;
  readonly users: User[];
};

/** What is in the way, in full; null if nothing is. */
export const obstacleOf = ({ code, rule }: Check): Obstacle | null =>
  code === null ? null : { code, ...rule.numbers(), ...rule.describe() };

/** A rule with the key by which it is known. Rules with equal keys must be equal. */
export type KeyedRule = readonly [key: string, rule: () => CheckRule];

/** Rules that are always needed together, by a key of their own. */
export type RuleSet = readonly [key: string, rules: () => readonly KeyedRule[]];

/** Whoever needs checks to pass; `failing` of them do not. */
export type CheckUser = { checks: readonly Check[]; failing: number };

export type Checks<User extends CheckUser> = ReturnType<typeof createChecks<User>>;

/**
 * All checks that anybody depends on. A change of a topic is looked at once per check, however many jobs depend on it,
 * and only those are told whose check says something else than before. Thousands of checks are made when a process starts:
 * objects are written out here, since copying one into another takes ten times as long.
 */
export function createChecks<User extends CheckUser>(onChange: (user: User) => void) {
  const checks = new Map<string, Check<User>>();
  const byTopic = new Map<string, Set<Check<User>>>();
  const sets = new Map<string, { checks: readonly Check<User>[]; users: number }>();

  function look(check: Check<User>): void {
    const code = check.rule.look();
    if (code === check.code) return;
    check.code = code;
    check.reason = code === null ? null : `${code} ${check.rule.subject}`;
  }

  function obtain(key: string, rule: () => CheckRule): Check<User> {
    const known = checks.get(key);
    if (known) return known;
    const check: Check<User> = { key, rule: rule(), code: null, reason: null, users: [] };
    look(check);
    checks.set(key, check);
    for (const topic of check.rule.topics) {
      const about = byTopic.get(topic);
      if (about) about.add(check);
      else byTopic.set(topic, new Set([check]));
    }
    return check;
  }

  function drop(check: Check<User>): void {
    checks.delete(check.key);
    for (const topic of check.rule.topics) {
      const about = byTopic.get(topic);
      about?.delete(check);
      if (about?.size === 0) byTopic.delete(topic);
    }
  }

  function obtainSet([key, rules]: RuleSet): readonly Check<User>[] {
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
    /** Makes `user` depend on checks. Returns what ends that. */
    use(user: User, ruleSets: readonly RuleSet[]): () => void {
      const used = ruleSets.flatMap(obtainSet);
      user.checks = used;
      user.failing = used.filter(({ code }) => code !== null).length;
      for (const check of used) check.users.push(user);
      return () => {
        for (const [key] of ruleSets) leaveSet(key);
        for (const check of used) {
          check.users.splice(check.users.indexOf(user), 1);
          if (check.users.length === 0) drop(check);
        }
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
