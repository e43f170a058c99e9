import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FragmentDefinitionNode, Kind, parse, print } from 'graphql';
import { projectRoot } from '../../platform/compiled.js';

const folder = join(projectRoot, 'schema', 'operations');

/** The trusted documents by operation name, each word for word as clients send it. */
export const operations: ReadonlyMap<string, string> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .flatMap((file) => {
      const { definitions } = parse(readFileSync(join(folder, file), 'utf8'), { noLocation: true });
      const fragments = definitions.filter(
        (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
      );
      return definitions.flatMap((node) =>
        node.kind === Kind.OPERATION_DEFINITION && node.name
          ? [[node.name.value, [node, ...fragments].map(print).join('\n')] as const]
          : [],
      );
    }),
);

export function operation(name: string): string {
  const document = operations.get(name);
  if (document === undefined) throw new Error(`There is no operation ${name} in schema/operations`);
  return document;
}
