// The engine behind the barest HTTP server there is: nothing but reading the body and writing the answer. It has no
// identity, no limits and no deadlines.
import { createServer } from 'node:http';
import { createEngine } from '../../dist/gateway/createEngine.js';
import { createHttpTransport } from '../../dist/gateway/transports/http.js';
import { composeSupergraph } from './graph.mjs';
import { listen, reportCpu } from './listen.mjs';

const engine = await createEngine({
  supergraphSdl: composeSupergraph(JSON.parse(process.argv[2])),
  connect: ({ url }) => createHttpTransport({ url }),
});

const neverAborted = new AbortController().signal;

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { text } = await engine.execute(JSON.parse(Buffer.concat(chunks).toString()), {
      principal: null,
      requestId: '1',
      correlationId: '1',
      positions: {},
      signal: neverAborted,
    });
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    };
    response.writeHead(200, headers).end(text);
  });
});
reportCpu();
process.send({ url: `http://127.0.0.1:${await listen(server)}/` });
