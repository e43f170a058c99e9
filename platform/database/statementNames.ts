const STATEMENTS_MAX = 300;

/**
 * Names for prepared statements, so that a session parses and plans each text once. Texts vary with the number of their
 * parameters, so only the first of them get a name; the others are as they would be without. So is a single word, BEGIN or
 * COMMIT: there is nothing to plan, and whoever watches a connection can read it.
 */
export function createStatementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size === STATEMENTS_MAX || !sql.includes(' ')) return '';
    const name = `statement_${names.size}`;
    names.set(sql, name);
    return name;
  };
}
