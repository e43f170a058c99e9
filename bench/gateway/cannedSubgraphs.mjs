// The four subgraphs as one process. Each answer is computed once for each request body and then served as it is.
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { subgraphs } from './graph.mjs';
import { listen } from './listen.mjs';

async function serve({ sdl, rootValue, byReference }) {
  const typeDefs = parse(sdl);
  const entities = typeDefs.definitions.filter(({ kind }) => kind === 'ObjectTypeDefinition');
  const resolvers = Object.fromEntries(
    entities
      .filter(({ directives }) => directives.length > 0)
      .map(({ name }) => [name.value, { __resolveReference: byReference }]),
  );
  const schema = buildSubgraphSchema({ typeDefs, resolvers });
  const answers = new Map();
  const answer = async (body) => {
    const { query: source, variables: variableValues } = JSON.parse(body);
    return JSON.stringify(await graphql({ schema, source, variableValues, rootValue }));
  };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString();
      if (!answers.has(body)) answers.set(body, Buffer.from(await answer(body)));
      const bytes = answers.get(body);
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
        .end(bytes);
    });
  });
  return `http://127.0.0.1:${await listen(server)}/graphql`;
}

const urls = {};
for (const [name, subgraph] of Object.entries(subgraphs)) urls[name] = await serve(subgraph);
process.send({ urls });
