import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FragmentDefinitionNode, Kind, parse, print } from 'graphql';
import { projectRoot } from '../platform/compiled.js';

const FOLDER = join(projectRoot, 'schema', 'operations');

/** The trusted documents by the name of their operation, each as clients send it. */
export const readTrustedDocuments = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith('.graphql'))
      .sort()
      .flatMap((file) => operationsIn(readFileSync(join(FOLDER, file), 'utf8'))),
  );

function operationsIn(text: string): (readonly [name: string, document: string])[] {
  const { definitions } = parse(text, { noLocation: true });
  const fragments = definitions.filter(
    (node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION,
  );
  return definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && node.name
      ? [[node.name.value, [node, ...fragments].map(print).join('\n')] as const]
      : [],
  );
}
