import { groupOf, resources } from '../resources.js';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

const groupVersions = [...new Set(resources.map(({ apiVersion }) => apiVersion))];

/** What a client may learn about this API before it uses it, by path. */
export function discover(path: string): object | null {
  switch (path) {
    case '/version':
      return {
        major: '1',
        minor: '36',
        gitVersion: 'v1.36.0-fleetgraph.embedded',
        platform: process.platform,
      };
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'] };
    case '/apis':
      return {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: groupVersions.filter((version) => version !== 'v1').map(toGroup),
      };
    default: {
      const apiVersion = groupVersions.find((version) => path === rootOf(version));
      return apiVersion ? toResourceList(apiVersion) : null;
    }
  }
}

const rootOf = (apiVersion: string) => (apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`);

function toGroup(apiVersion: string) {
  const version = { groupVersion: apiVersion, version: apiVersion.slice(apiVersion.indexOf('/') + 1) };
  return { name: groupOf({ apiVersion }), versions: [version], preferredVersion: version };
}

const toResourceList = (groupVersion: string) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion,
  resources: resources
    .filter(({ apiVersion }) => apiVersion === groupVersion)
    .flatMap(({ plural, kind, namespaced, shortNames, hasStatus }) => [
      { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs, shortNames },
      ...(hasStatus
        ? [
            {
              name: `${plural}/status`,
              singularName: '',
              namespaced,
              kind,
              verbs: ['get', 'patch', 'update'],
            },
          ]
        : []),
    ]),
});
