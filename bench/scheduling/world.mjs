// A fleet of 1,000 GPUs, all taken, and 10,000 jobs of 200 projects that wait for them, as rows of scheduling.
export const PROJECTS = 200;
export const JOBS = 10_000;
export const NODES = 125;
export const H100 = 'h100-sxm5-80gb';
export const A100 = 'a100-sxm4-80gb';

const devices = `(SELECT jsonb_agg(jsonb_build_object('index', i, 'gpuModelId', m, 'health', 'HEALTHY'))
  FROM generate_series(0, 7) AS i)`;

/** Ten departments below one root, twenty projects in each; each may have eight GPUs of each model. */
const STATEMENTS = [
  `INSERT INTO scheduling.known_project SELECT 'root', ARRAY['root']`,
  `INSERT INTO scheduling.known_project SELECT 'department_' || d, ARRAY['root', 'department_' || d]
   FROM generate_series(0, 9) AS d`,
  `INSERT INTO scheduling.known_project SELECT 'project_' || p, ARRAY['root', 'department_' || p / 20, 'project_' || p]
   FROM generate_series(0, ${PROJECTS - 1}) AS p`,
  `INSERT INTO scheduling.known_quota SELECT id, m, CASE WHEN id LIKE 'project%' THEN 8 ELSE 1000 END
   FROM scheduling.known_project, unnest(ARRAY['${H100}', '${A100}']) AS m`,
  `INSERT INTO scheduling.known_cluster VALUES ('eu-1', 'ONLINE')`,
  `INSERT INTO scheduling.known_node
   SELECT 'eu-1/n' || n, 'eu-1', ARRAY[m], jsonb_build_object('clusterId', 'eu-1', 'ready', true, 'unschedulable', false,
     'cordoned', false, 'lost', false, 'devices', ${devices})
   FROM generate_series(0, ${NODES - 1}) AS n, LATERAL (SELECT CASE WHEN n % 2 = 0 THEN '${H100}' ELSE '${A100}' END AS m) AS x`,
  `INSERT INTO scheduling.open_allocation
   SELECT 'allocation_' || n || '_' || i, 'instance_' || n, 'project_' || (n * 8 + i) % ${PROJECTS}, 'eu-1/n' || n,
     'eu-1/n' || n || '/' || i, CASE WHEN n % 2 = 0 THEN '${H100}' ELSE '${A100}' END
   FROM generate_series(0, ${NODES - 1}) AS n, generate_series(0, 7) AS i`,
  `INSERT INTO scheduling.known_prices VALUES ('book', 'example', 'USD', '{"${H100}": "2.99", "${A100}": "1.79"}', now())`,
  `INSERT INTO scheduling.queue
   SELECT 'queue_' || id, id, 'default', 1, now(), '{"id": "system", "kind": "SYSTEM"}', now(),
     jsonb_build_object('projectId', id, 'name', 'default')
   FROM scheduling.known_project`,
  // Twelve shapes of jobs in each project: four sizes, three lengths, one model or both.
  `INSERT INTO scheduling.job (id, project_id, queue_id, phase, priority, attempt, queued_at, gpu_count, model_in,
     max_runtime_seconds, created_by_id, version, created_at, created_by, updated_at, state)
   SELECT 'job_' || lpad(j::text, 8, '0'), 'project_' || p, 'queue_project_' || p, 'QUEUED', 50, 1, now(),
     1 << (j / ${PROJECTS} % 4), CASE WHEN j / ${PROJECTS} % 2 = 0 THEN ARRAY['${H100}'] ELSE ARRAY['${A100}', '${H100}'] END,
     3600 * (1 + j / ${PROJECTS} % 3), 'user_1', 2, now(), '{"id": "user_1", "kind": "USER"}', now(),
     jsonb_build_object('spec', jsonb_build_object('image', 'train', 'command', repeat('x', 600)))
   FROM generate_series(0, ${JOBS - 1}) AS j, LATERAL (SELECT j % ${PROJECTS} AS p) AS x`,
];

export async function storeWorld({ prisma }) {
  for (const statement of STATEMENTS) await prisma.$executeRawUnsafe(statement);
  await prisma.$executeRawUnsafe('ANALYZE scheduling.job').catch(() => {});
}
