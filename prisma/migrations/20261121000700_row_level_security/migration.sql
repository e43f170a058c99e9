-- The second fence between tenants, behind the application's own: a row of a project is there only for transactions that
-- say that they act for that project, `SELECT set_config('fleetgraph.projects', 'prj_1,prj_2', true)`, or for all, `'*'`.
-- One that says nothing sees none. Forced, so that the tables' owner is fenced in too. What belongs to no project is
-- everybody's. The settings are read in sub-selects, once for a statement and not once for a row.
DO $$
DECLARE
  place record;
BEGIN
  FOR place IN
    SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND a.attname = 'project_id' AND NOT a.attisdropped
      AND n.nspname IN ('eventlog', 'governance', 'resources', 'metrics', 'billing', 'scheduling', 'models', 'logs')
  LOOP
    EXECUTE 'ALTER TABLE ' || place.name || ' ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY';
    EXECUTE 'CREATE POLICY project ON ' || place.name || $policy$ USING (
      project_id IS NULL
      OR (SELECT current_setting('fleetgraph.projects', true)) = '*'
      OR project_id = ANY ((SELECT string_to_array(current_setting('fleetgraph.projects', true), ','))::text[])
    )$policy$;
  END LOOP;
END $$;

-- The application needs no temporary tables, which anybody may create who may connect.
DO $$
BEGIN
  EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
