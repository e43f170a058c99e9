import { readFile } from 'node:fs/promises';
import type { GovernanceCalls } from '../contracts/calls.js';
import { createGateway } from '../gateway/app.js';
import { followSupergraph } from '../gateway/followSupergraph.js';
import { buildWith } from '../platform/disposables.js';
import { scalars } from '../platform/graphql/scalars.js';
import { openEventLog } from '../platform/log/openLog.js';
import { createPeer } from '../platform/server/peer.js';
import { createRemoteCalls } from '../platform/server/remoteCalls.js';
import { createRemoteHistory } from '../platform/server/remoteHistory.js';
import type { RunningProcess } from '../platform/server/runProcess.js';
import type { Log } from '../platform/telemetry/log.js';
import { followAccess, noticingWrites } from './accessChanges.js';
import type { GatewayConfig } from './gatewayConfig.js';
import { createFleetAuthenticator, signInWith } from './identity.js';
import { createSignedTransport } from './signedTransport.js';
import { readTrustedDocuments } from './trustedDocuments.js';
import { version } from './version.js';

/** The gateway of a company's installation: the subgraphs are other processes, the issuer is the company's. */
export function startGatewayProcess(config: GatewayConfig, log: Log): Promise<RunningProcess> {
  const { keys, subgraphs, supergraphFile, kafka, pollMs } = config;
  return buildWith(async ({ use }) => {
    const url = originOf(subgraphs, 'governance');
    const peer = createPeer({ name: 'governance', url, caller: 'gateway', keys, log });
    const governance = createRemoteHistory(peer);
    const calls = createRemoteCalls<GovernanceCalls>(peer, { resolvePrincipal: true });
    const authenticator = createFleetAuthenticator(config.identity, calls);
    const forgetRights = () => authenticator.drop();
    const eventLog = use(openEventLog({ kafka, name: 'gateway', pollMs, log }));
    const access = use(followAccess({ governance, eventLog, onChange: forgetRights, log }));
    const connect = ({ name }: { name: string }) => {
      const transport = createSignedTransport({ name, url: originOf(subgraphs, name), keys });
      return name === 'governance' ? noticingWrites(transport, forgetRights) : transport;
    };
    const documents = readTrustedDocuments();
    const supergraphSdl = await readFile(supergraphFile, 'utf8');
    const gateway = use(
      await createGateway({
        supergraphSdl,
        documents: [...documents.values()],
        scalars,
        connect,
        async authenticate({ written, ...credentials }) {
          await access.catchUp(written?.['governance']);
          return authenticator.authenticate(credentials);
        },
        signIn: signInWith(config.identity),
        knownOperations: new Set(documents.keys()),
        readiness: { governance: async () => void (await governance.head()) },
        log,
        version,
      }),
    );
    use(followSupergraph({ file: supergraphFile, served: supergraphSdl, reload: gateway.reload, log }));
    await gateway.listen(config.port, config.host);
    return { url: gateway.url, ready: Promise.resolve() };
  });
}

function originOf(subgraphs: Readonly<Record<string, string>>, name: string): string {
  const origin = subgraphs[name];
  if (origin === undefined)
    throw new Error(`The supergraph names a subgraph ${name} whose address is not known`);
  return origin;
}
