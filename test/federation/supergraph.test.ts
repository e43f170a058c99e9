import { composeServices as composeWithApollo } from '@apollo/composition';
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildASTSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { SUBGRAPH_NAMES, type SubgraphName } from '../../contracts/subgraphs.js';
import { composeSupergraph } from '../../fleet/supergraph.js';
import { readSupergraph } from '../../fleet/supergraphFile.js';
import { projectRoot } from '../../platform/compiled.js';
import { operations } from '../testkit/operations.js';

const sdlOf = (name: SubgraphName) => readFileSync(join(projectRoot, 'schema', `${name}.graphql`), 'utf8');
const allSdl = Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, sdlOf(name)])) as Record<
  SubgraphName,
  string
>;

const planner = new QueryPlanner(readSupergraph());
const apiSchema = buildASTSchema(
  parse(planner.consumerSchema.replace(/\n\s*__schema: __Schema!|\n\s*__type\(name: String!\): __Type/g, '')),
  { assumeValid: true },
);

test('the checked-in subgraphs compose to the checked-in supergraph', () => {
  expect(composeSupergraph(allSdl)).toBe(readSupergraph());
});

test("the checked-in subgraphs compose with Apollo's composition too", { timeout: 30_000 }, () => {
  const services = SUBGRAPH_NAMES.map((name) => ({
    name,
    url: `http://${name}/graphql`,
    typeDefs: parse(allSdl[name]),
  }));
  const { errors } = composeWithApollo(services);
  expect(errors?.map(({ message }) => message) ?? []).toEqual([]);
});

test.each([...operations])('%s validates against the graph and can be planned', (_name, document) => {
  expect(validate(apiSchema, parse(document), specifiedRules).map(({ message }) => message)).toEqual([]);
  expect(planner.plan(document, null, new Set(), 50)).toBeDefined();
});

test('what a context could not handle can be listed, and handled again, in every one of them', () => {
  const queries = Object.keys(apiSchema.getQueryType()?.getFields() ?? {});
  const mutations = Object.keys(apiSchema.getMutationType()?.getFields() ?? {});
  for (const name of SUBGRAPH_NAMES) {
    expect(queries).toContain(`${name}DeadLetters`);
    expect(mutations).toContain(`replay${name.slice(0, 1).toUpperCase()}${name.slice(1)}DeadLetters`);
  }
});

test('every type, field, argument, input field and enum value says what it is', () => {
  const silent: string[] = [];
  const look = (place: string, thing: { description?: string | null | undefined }) => {
    if (!thing.description?.trim()) silent.push(place);
  };
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (
      type.name.startsWith('__') ||
      ['Query', 'Mutation', 'Subscription'].includes(type.name) ||
      isBuiltIn(type.name)
    )
      continue;
    look(type.name, type);
  }
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))
      for (const field of Object.values(type.getFields())) {
        look(`${type.name}.${field.name}`, field);
        if ('args' in field)
          for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name})`, arg);
      }
  }
  expect(silent).toEqual([]);
});

const isBuiltIn = (name: string) => ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name);
