import { isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { buildResourcesSchema } from './schema.js';

/** Fields that the stubs of entities of other subgraphs, and federation itself, bring along. */
const FEDERATION = /^(_|Query\._)/;

test('everything in the schema of resources says what it is', async () => {
  const { schema } = await buildResourcesSchema();
  const silent: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('_') || type.name === 'ApprovalRequest') continue;
    if (!isObjectType(type) && !isInputObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!field.description) silent.push(`${type.name}.${field.name}`);
      if ('args' in field)
        for (const arg of field.args)
          if (!arg.description) silent.push(`${type.name}.${field.name}(${arg.name})`);
    }
  }
  expect(silent.filter((place) => !FEDERATION.test(place))).toEqual([]);
});
