// A small fleet, split over four subgraphs as the real one is: 20 jobs and 10 instances of 8 GPUs each.
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])';

const JOBS = 20;
const INSTANCES = 10;
const GPUS_PER_INSTANCE = 8;

const range = (length, make) => Array.from({ length }, (_, index) => make(index));

const gpu = (instance, index) => ({
  __typename: 'Gpu',
  id: `gpu_${instance}_${index}`,
  uuid: `GPU-8f2c1f0e-${instance}-${index}`,
  model: 'H200',
  memoryMib: 143_771,
  utilization: ((instance * 8 + index) * 7) % 101,
  temperature: 40 + ((instance + index) % 30),
});

const instance = (index) => ({
  __typename: 'Instance',
  id: `instance_${index}`,
  name: `trainer-${index}`,
  state: index % 4 === 0 ? 'STOPPED' : 'RUNNING',
  image: 'registry.local/pytorch:2.9',
  createdAt: '2026-03-01T08:00:00.000Z',
  gpus: range(GPUS_PER_INSTANCE, (position) => gpu(index, position)),
});

const job = (index) => ({
  __typename: 'Job',
  id: `job_${index}`,
  name: `finetune "${index}"`,
  state: ['QUEUED', 'RUNNING', 'SUCCEEDED'][index % 3],
  priority: index % 5,
  submittedAt: '2026-03-01T09:00:00.000Z',
  queue: { name: index % 2 ? 'default' : 'batch', position: index },
  instance: { __typename: 'Instance', id: `instance_${index % INSTANCES}` },
});

const money = (id) => ({ amount: `${id.length * 3}.25`, currency: 'EUR' });

/** Schema and resolvers of each subgraph. `byReference` completes an entity that the gateway names. */
export const subgraphs = {
  governance: {
    sdl: `${LINK}
      type Query { project(id: ID!): Project }
      type Project @key(fields: "id") { id: ID! key: String! name: String! members: [Member!]! }
      type Member { id: ID! name: String! role: String! }
      type Job @key(fields: "id") { id: ID! lastChange: Change }
      type Change { type: String! by: String! at: String! }`,
    rootValue: { project: ({ id }) => ({ __typename: 'Project', id, ...project }) },
    byReference: (entity) => ({
      ...entity,
      ...(entity.__typename === 'Project' && project),
      lastChange: { type: 'JobSubmitted', by: 'user_7', at: '2026-03-01T09:00:00.000Z' },
    }),
  },
  resources: {
    sdl: `${LINK}
      type Query { instance(id: ID!): Instance }
      type Project @key(fields: "id") { id: ID! instances(first: Int!): [Instance!]! }
      type Instance @key(fields: "id") { id: ID! name: String! state: State! image: String! createdAt: String! gpus: [Gpu!]! }
      type Gpu @key(fields: "id") { id: ID! uuid: String! model: String! memoryMib: Int! utilization: Float! temperature: Int! }
      enum State { RUNNING STOPPED }`,
    rootValue: { instance: ({ id }) => instance(Number(id.split('_')[1])) },
    byReference: (entity) =>
      entity.__typename === 'Project'
        ? { ...entity, instances: ({ first }) => range(first, instance) }
        : { ...entity, ...instance(Number(entity.id.split('_')[1])) },
  },
  scheduling: {
    sdl: `${LINK}
      type Query { job(id: ID!): Job }
      type Project @key(fields: "id") { id: ID! jobs(first: Int!): [Job!]! }
      type Job @key(fields: "id") { id: ID! name: String! state: String! priority: Int! submittedAt: String! queue: Queue! instance: Instance }
      type Queue { name: String! position: Int! }
      type Instance @key(fields: "id", resolvable: false) { id: ID! }`,
    rootValue: { job: ({ id }) => job(Number(id.split('_')[1])) },
    byReference: (entity) =>
      entity.__typename === 'Project' ? { ...entity, jobs: ({ first }) => range(first, job) } : entity,
  },
  billing: {
    sdl: `${LINK}
      type Query { currency: String! }
      type Project @key(fields: "id") { id: ID! cost: Money }
      type Job @key(fields: "id") { id: ID! cost: Money }
      type Instance @key(fields: "id") { id: ID! cost: Money }
      type Money { amount: String! currency: String! }`,
    rootValue: { currency: 'EUR' },
    byReference: (entity) => ({ ...entity, cost: money(entity.id) }),
  },
};

const project = {
  key: 'vision',
  name: 'Vision',
  members: range(5, (index) => ({ id: `user_${index}`, name: `User ${index}`, role: 'DEVELOPER' })),
};

export function composeSupergraph(urls) {
  const composed = composeServices(
    Object.entries(subgraphs).map(([name, { sdl }]) => ({ name, url: urls[name], typeDefs: parse(sdl) })),
  );
  if (composed.errors) throw new Error(composed.errors.join('\n'));
  return composed.supergraphSdl;
}

export const requests = {
  dashboard: {
    query: `query Dashboard($project: ID!, $jobs: Int!, $instances: Int!) {
      project(id: $project) {
        id key name
        members { id name role }
        cost { amount currency }
        instances(first: $instances) {
          id name state image createdAt
          cost { amount currency }
          gpus { id uuid model memoryMib utilization temperature }
        }
        jobs(first: $jobs) {
          id name state priority submittedAt
          queue { name position }
          cost { amount currency }
          lastChange { type by at }
          instance { id name state }
        }
      }
    }`,
    variables: { project: 'project_1', jobs: JOBS, instances: INSTANCES },
  },
  'one field': { query: '{ currency }' },
};
