// The peer: @apollo/gateway as its documentation starts it.
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { composeSupergraph } from './graph.mjs';
import { reportCpu } from './listen.mjs';

const gateway = new ApolloGateway({ supergraphSdl: composeSupergraph(JSON.parse(process.argv[2])) });
const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
  listen: { host: '127.0.0.1', port: 0 },
});
reportCpu();
process.send({ url });
