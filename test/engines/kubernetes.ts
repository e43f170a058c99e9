import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removeEndedPods } from './endedPods.js';
import { startProcess, untilReady } from './engineProcess.js';
import { freePorts } from './freePorts.js';
import { installEngines } from './install.js';
import { provisionVolumes } from './volumes.js';
import type { EngineProcess } from './engineProcess.js';

const run = promisify(execFile);

export type Kubernetes = {
  url: string;
  /** The text of a kubeconfig with all rights. */
  kubeconfig: string;
  /** Ends the API server alone. */
  stopApiServer(signal?: NodeJS.Signals): Promise<void>;
  startApiServer(): Promise<void>;
  /** Makes every pod print a line: they all show the same log. */
  print(): Promise<void>;
  /** What `user` has asked for so far, as `verb resource`, and whether it was allowed. */
  audit(user: string): Promise<Audited[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type Audited = { readonly right: string; readonly allowed: boolean };

/**
 * Starts a real control plane (etcd, API server, controllers, scheduler) on loopback, with KWOK for the kubelets of
 * nodes that have the annotation `kwok.x-k8s.io/node: fake`. It begins without nodes.
 */
export async function startKubernetes(): Promise<Kubernetes> {
  const { kubernetes: bin } = await installEngines();
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-kubernetes-'));
  const [api = 0, etcd = 0, peer = 0, kubelet = 0, scheduler = 0, manager = 0] = await freePorts(6);
  const token = randomBytes(16).toString('hex');
  await createKeys(folder, token);
  const url = `https://127.0.0.1:${api}`;
  const kubeconfig = toKubeconfig(url, token);
  await writeFile(join(folder, 'kubeconfig'), kubeconfig);
  await writeFile(join(folder, 'audit.json'), JSON.stringify(AUDIT_POLICY));
  const podLog = join(folder, 'pod.log');
  await writeFile(podLog, '');
  await writeFile(join(folder, 'kwok.yaml'), toClusterLogs(podLog));

  const start = (name: string, args: readonly string[]) => startProcess(name, join(bin, name), args, folder);
  const startApi = async (etcdProcess: EngineProcess) => {
    const server = start('kube-apiserver', apiServerArgs(api, etcd));
    await untilReady([etcdProcess, server], () => answersReady(`${url}/readyz`, token));
    return server;
  };

  const store = start('etcd', etcdArgs(etcd, peer));
  let apiServer = await startApi(store);
  const client = [
    '--kubeconfig=kubeconfig',
    '--authentication-kubeconfig=kubeconfig',
    '--authorization-kubeconfig=kubeconfig',
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
  ];
  const others = [
    start('kube-controller-manager', [
      ...client,
      `--secure-port=${manager}`,
      '--service-account-private-key-file=pki/sa.key',
      '--use-service-account-credentials',
    ]),
    start('kube-scheduler', [...client, `--secure-port=${scheduler}`]),
    start('kwok', kwokArgs(bin, kubelet)),
  ];
  const volumes = provisionVolumes(kubeconfig);
  const endedPods = removeEndedPods(kubeconfig);

  return {
    url,
    kubeconfig,
    stopApiServer: (signal = 'SIGTERM') => apiServer.stop(signal),
    async startApiServer() {
      apiServer = await startApi(store);
    },
    // As a container runtime writes it.
    print: () =>
      appendFile(podLog, `${new Date().toISOString().slice(0, -1)}000000Z stdout F still at work\n`),
    audit: async (user) => readAudit(await readFile(join(folder, 'audit.log'), 'utf8'), user),
    async [Symbol.asyncDispose]() {
      await volumes[Symbol.asyncDispose]();
      await endedPods[Symbol.asyncDispose]();
      // The store last; the API server waits for nobody, or its open watches would hold it for seconds.
      await Promise.all(others.map((each) => each.stop('SIGKILL')));
      await apiServer.stop('SIGKILL');
      await store.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createKeys(folder: string, token: string): Promise<void> {
  const pki = join(folder, 'pki');
  await mkdir(pki);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: pki });
  await openssl('genrsa', '-out', 'sa.key', '2048');
  await openssl('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  const authority = ['-subj', '/CN=fleetgraph-test-ca', '-keyout', 'ca.key', '-out', 'ca.crt'];
  await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '365', ...authority);
  await writeFile(join(pki, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
}

const etcdArgs = (port: number, peer: number) => [
  '--data-dir=etcd',
  '--unsafe-no-fsync',
  `--listen-client-urls=http://127.0.0.1:${port}`,
  `--advertise-client-urls=http://127.0.0.1:${port}`,
  `--listen-peer-urls=http://127.0.0.1:${peer}`,
  `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
  `--initial-cluster=default=http://127.0.0.1:${peer}`,
];

const apiServerArgs = (port: number, etcd: number) => [
  `--etcd-servers=http://127.0.0.1:${etcd}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  '--endpoint-reconciler-type=none',
  `--secure-port=${port}`,
  '--cert-dir=pki',
  '--client-ca-file=pki/ca.crt',
  '--service-cluster-ip-range=10.96.0.0/16',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-account-key-file=pki/sa.pub',
  '--service-account-signing-key-file=pki/sa.key',
  '--token-auth-file=pki/tokens.csv',
  '--authorization-mode=RBAC',
  '--anonymous-auth=false',
  '--audit-policy-file=audit.json',
  '--audit-log-path=audit.log',
];

/** What service accounts outside the control plane itself ask for. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system', 'system:masters'] },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'] },
    { level: 'None' },
  ],
};

type AuditEvent = {
  verb: string;
  user: { username: string };
  objectRef?: { resource: string; subresource?: string };
  responseStatus: { code: number };
};

/** An apply that makes an object needs the right to create it beside that to patch. */
function readAudit(log: string, user: string): Audited[] {
  const events = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent);
  return events.flatMap(({ verb, user: { username }, objectRef, responseStatus: { code } }) => {
    if (username !== user || !objectRef) return [];
    const { resource, subresource } = objectRef;
    const verbs = verb === 'patch' && code === 201 ? ['patch', 'create'] : [verb];
    const on = subresource === undefined ? resource : `${resource}/${subresource}`;
    return verbs.map((each) => ({ right: `${each} ${on}`, allowed: code !== 403 }));
  });
}

/** One port answers as the kubelet of every simulated node. */
const kwokArgs = (bin: string, port: number) => [
  '--kubeconfig=kubeconfig',
  `--config=${join(bin, 'stages.yaml')}`,
  '--config=kwok.yaml',
  '--manage-all-nodes=false',
  '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
  '--node-ip=127.0.0.1',
  `--node-port=${port}`,
  `--server-address=127.0.0.1:${port}`,
  '--node-lease-duration-seconds=40',
  '--tls-cert-file=pki/apiserver.crt',
  '--tls-private-key-file=pki/apiserver.key',
];

function answersReady(url: string, token: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(url, { headers, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', reject);
  });
}

const toClusterLogs = (logsFile: string) =>
  JSON.stringify({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterLogs',
    metadata: { name: 'all' },
    spec: { logs: [{ logsFile }] },
  });

const toKubeconfig = (server: string, token: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
