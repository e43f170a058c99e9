-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "logs";

-- CreateTable
CREATE TABLE "logs"."log_head" (
    "job_id" TEXT NOT NULL,
    "next_offset" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "log_head_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "logs"."log_stream" (
    "pod_uid" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,
    "stream" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "pod" INTEGER NOT NULL,
    "resume" JSONB,
    "has_ended" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "log_stream_pkey" PRIMARY KEY ("pod_uid")
);

-- CreateTable
CREATE TABLE "logs"."log_chunk" (
    "job_id" TEXT NOT NULL,
    "first_offset" BIGINT NOT NULL,
    "lines" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "data" BYTEA NOT NULL,

    CONSTRAINT "log_chunk_pkey" PRIMARY KEY ("job_id","first_offset")
);

-- CreateTable
CREATE TABLE "resources"."known_job" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "has_ended" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "known_job_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "log_stream_job_id_stream_key" ON "logs"."log_stream"("job_id", "stream");

-- CreateIndex
CREATE INDEX "log_chunk_stored_at_idx" ON "logs"."log_chunk"("stored_at");

-- It is compressed already.
ALTER TABLE "logs"."log_chunk" ALTER COLUMN "data" SET STORAGE EXTERNAL;

-- The pods whose logs are still read.
CREATE INDEX "log_stream_unended_idx" ON "logs"."log_stream"("job_id") WHERE NOT "has_ended";

GRANT USAGE ON SCHEMA "logs" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "logs" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON "resources"."known_job" TO fleetgraph_runtime;
