import { demoUsers } from '../embedded/issuer/demoUsers.js';
import { developmentToken } from '../embedded/issuer/developmentToken.js';
import type { Fleet } from './app.js';
import type { Config } from './config.js';
import { demoOrganisation } from './demoWorld.js';

const TOKEN_USER = 'vision-researcher';

/** What a person sees who has started Fleetgraph: where it is, as whom to sign in, and what to try first. */
export async function greet(fleet: Fleet, config: Config, tookMs: number): Promise<void> {
  const url = `${fleet.server.url}/graphql`;
  const development = config.identity.issuer === null;
  const lines = [
    '',
    `Fleetgraph is ready after ${(tookMs / 1000).toFixed(1)} s: ${url}`,
    `  GraphiQL, queries, subscriptions  ${url}`,
    `  sign-in                           ${fleet.issuer}`,
    `  data                              ${config.dataFolder}`,
    ...(fleet.seeded
      ? [`  loaded                            the demo organisation ${demoOrganisation.name}`]
      : []),
    ...(development ? people() : []),
    ...(development ? await tokenLines(fleet) : []),
    '',
    `Three operations to paste into ${url} as ${TOKEN_USER} (they and others wait there in tabs):`,
    ...fleet.examples.filter(({ printed }) => printed).flatMap(({ query }) => ['', query]),
    '',
    'The whole journey in a minute, from another terminal: npm run demo',
    'Stop with Ctrl+C. Nothing is lost.',
  ];
  console.log(lines.join('\n'));
}

const people = () => [
  '',
  'Users (no passwords: this is a development issuer):',
  ...demoUsers.map(({ username, about }) => `  ${username.padEnd(20)}${about}`),
];

async function tokenLines(fleet: Fleet): Promise<string[]> {
  const token = await developmentToken(fleet.issuer, TOKEN_USER);
  return [
    '',
    `A token of ${TOKEN_USER}, for one hour (npm run --silent token -- <user> gives others):`,
    token,
  ];
}
