-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "eventlog";

-- CreateTable
CREATE TABLE "eventlog"."event" (
    "context" TEXT NOT NULL,
    "shard" INTEGER NOT NULL DEFAULT 0,
    "position" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "stream_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "schema_version" INTEGER NOT NULL,
    "data" JSONB NOT NULL,
    "project_id" TEXT,
    "actor_id" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "on_behalf_of" TEXT,
    "request_id" TEXT NOT NULL,
    "correlation_id" TEXT NOT NULL,
    "causation_id" TEXT,
    "trace" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "event_pkey" PRIMARY KEY ("context","shard","position")
);

-- CreateTable
CREATE TABLE "eventlog"."stream" (
    "context" TEXT NOT NULL,
    "stream_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "stream_pkey" PRIMARY KEY ("context","stream_id")
);

-- CreateTable
CREATE TABLE "eventlog"."checkpoint" (
    "name" TEXT NOT NULL,
    "context" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "epoch" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("name","context")
);

-- CreateTable
CREATE TABLE "eventlog"."lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "epoch" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE UNLOGGED TABLE "eventlog"."nonce" (
    "audience" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "nonce_pkey" PRIMARY KEY ("audience","nonce")
);

-- CreateTable
CREATE TABLE "eventlog"."command" (
    "context" TEXT NOT NULL,
    "principal_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "input_hash" TEXT NOT NULL,
    "result" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "command_pkey" PRIMARY KEY ("context","principal_id","name","key")
);

-- CreateTable
CREATE TABLE "eventlog"."dead_letter" (
    "id" TEXT NOT NULL,
    "context" TEXT NOT NULL,
    "consumer" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "stream_id" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "event_type" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "eventlog"."timer" (
    "context" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "payload" JSONB NOT NULL,

    CONSTRAINT "timer_pkey" PRIMARY KEY ("context","name","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "event_id_key" ON "eventlog"."event"("id");

-- CreateIndex
CREATE INDEX "event_context_project_id_position_idx" ON "eventlog"."event"("context", "project_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "event_context_stream_id_version_key" ON "eventlog"."event"("context", "stream_id", "version");

-- CreateIndex
CREATE INDEX "dead_letter_context_consumer_source_stream_id_position_idx" ON "eventlog"."dead_letter"("context", "consumer", "source", "stream_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "dead_letter_consumer_source_position_key" ON "eventlog"."dead_letter"("consumer", "source", "position");

-- CreateIndex
CREATE INDEX "timer_context_due_at_idx" ON "eventlog"."timer"("context", "due_at");



-- The role that the running application takes. It owns no table and cannot change history.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fleetgraph_runtime') THEN
    CREATE ROLE fleetgraph_runtime NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database of the same server was migrated at the same moment
END $$;
GRANT fleetgraph_runtime TO CURRENT_USER;
GRANT USAGE ON SCHEMA "eventlog" TO fleetgraph_runtime;
GRANT SELECT ON "eventlog"."event", "eventlog"."stream" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE ON "eventlog"."command", "eventlog"."lease" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON "eventlog"."checkpoint", "eventlog"."nonce", "eventlog"."dead_letter", "eventlog"."timer" TO fleetgraph_runtime;

-- Appends events to their streams and gives them their places in the context's order. It is the last statement of the
-- command's transaction: the context lock that it takes is held until the commit, so that commit order is position
-- order and no reader that goes by position ever skips an event. Streams are locked in the order of their ids, before
-- the context, so that two appends cannot wait for each other. A stream that is not where the first of its events
-- expects it fails the transaction with SQLSTATE FG409. Returns the position of the last event. It runs with its owner's
-- rights: the runtime role can add to history through it, and in no other way.
CREATE FUNCTION "eventlog"."append"(p_context text, p_shard integer, p_events jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  moved record;
  head bigint;
BEGIN
  FOR moved IN
    SELECT e ->> 'streamId' AS stream_id, min((e ->> 'version')::int) - 1 AS expected, max((e ->> 'version')::int) AS version,
      count(*) AS events
    FROM jsonb_array_elements(p_events) AS e GROUP BY 1 ORDER BY 1
  LOOP
    IF moved.version - moved.expected <> moved.events THEN
      RAISE EXCEPTION 'the new versions of stream % have a gap', moved.stream_id;
    END IF;
    IF moved.expected = 0 THEN
      INSERT INTO "eventlog"."stream" (context, stream_id, version) VALUES (p_context, moved.stream_id, moved.version)
      ON CONFLICT DO NOTHING;
    ELSE
      UPDATE "eventlog"."stream" SET version = moved.version
      WHERE context = p_context AND stream_id = moved.stream_id AND version = moved.expected;
    END IF;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'stream % is not at version %', moved.stream_id, moved.expected USING ERRCODE = 'FG409';
    END IF;
  END LOOP;

  PERFORM pg_advisory_xact_lock(hashtextextended('fleetgraph:' || p_context || ':' || p_shard, 0));
  SELECT coalesce(max(position), 0) INTO head FROM "eventlog"."event" WHERE context = p_context AND shard = p_shard;

  INSERT INTO "eventlog"."event" (context, shard, position, id, stream_id, version, type, schema_version, data, project_id,
    actor_id, actor_kind, on_behalf_of, request_id, correlation_id, causation_id, trace, occurred_at)
  SELECT p_context, p_shard, head + n, (e ->> 'id')::uuid, e ->> 'streamId', (e ->> 'version')::int, e ->> 'type',
    (e ->> 'schemaVersion')::int, e -> 'data', e ->> 'projectId', e -> 'actor' ->> 'id', e -> 'actor' ->> 'kind',
    e ->> 'onBehalfOf', e ->> 'requestId', e ->> 'correlationId', e ->> 'causationId', e ->> 'trace',
    (e ->> 'occurredAt')::timestamptz
  FROM jsonb_array_elements(p_events) WITH ORDINALITY AS t (e, n);
  RETURN head + jsonb_array_length(p_events);
END $$;
REVOKE EXECUTE ON FUNCTION "eventlog"."append" FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "eventlog"."append" TO fleetgraph_runtime;
