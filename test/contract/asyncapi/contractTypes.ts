import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ESTree, parseSync } from 'vite';

/** A type of contracts/ with the comment above it. */
export interface NamedType {
  readonly file: string;
  readonly node: ESTree.TSType;
  readonly description: string | null;
}

/** The types of contracts/ as they are written, found from the file that uses them. */
export interface ContractTypes {
  /** A type by the name that the file knows it by: its own, or an imported one. */
  find(file: string, name: string): NamedType;
  /** The keys of a constant object that the file declares. */
  keysOf(file: string, name: string): string[];
  /** The documentation comment right above a node, as one line; null if there is none. */
  commentAbove(file: string, node: { start: number }): string | null;
}

type Module = ReturnType<typeof readModule>;

export function readContractTypes(folder: string): ContractTypes {
  const modules = new Map<string, Module>();

  function moduleOf(file: string): Module {
    const known = modules.get(file) ?? readModule(folder, file);
    modules.set(file, known);
    return known;
  }

  function find(file: string, name: string): NamedType {
    const { types, imports } = moduleOf(file);
    const from = imports.get(name);
    if (from !== undefined) return find(from, name);
    const found = types.get(name);
    if (!found) throw new Error(`${file} knows no type ${name}`);
    return found;
  }

  return {
    find,
    keysOf(file, name) {
      const keys = moduleOf(file).keys.get(name);
      if (!keys) throw new Error(`${file} has no constant ${name}`);
      return keys;
    },
    commentAbove: (file, node) => moduleOf(file).commentAbove(node),
  };
}

function readModule(folder: string, file: string) {
  const source = readFileSync(join(folder, file), 'utf8');
  const { program, comments, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);

  const commentAbove = ({ start }: { start: number }): string | null => {
    const above = comments.findLast(({ end }) => end <= start);
    if (!above?.value.startsWith('*') || !/^[\s|]*$/.test(source.slice(above.end, start))) return null;
    return above.value
      .replace(/^\*|^\s*\* ?/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  };

  const types = new Map<string, NamedType>();
  const imports = new Map<string, string>();
  const keys = new Map<string, string[]>();
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration')
      for (const { local } of statement.specifiers)
        imports.set(local.name, statement.source.value.replace(/^\.\//, '').replace(/\.js$/, '.ts'));
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared?.type === 'TSTypeAliasDeclaration')
      types.set(declared.id.name, {
        file,
        node: declared.typeAnnotation,
        description: commentAbove(statement),
      });
    if (declared?.type === 'VariableDeclaration')
      for (const { id, init } of declared.declarations)
        if (id.type === 'Identifier') keys.set(id.name, keysIn(init));
  }
  return { types, imports, keys, commentAbove };
}

function keysIn(init: ESTree.Expression | null): string[] {
  const value = init?.type === 'TSAsExpression' ? init.expression : init;
  if (value?.type !== 'ObjectExpression') return [];
  return value.properties.flatMap((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' ? [property.key.name] : [],
  );
}
