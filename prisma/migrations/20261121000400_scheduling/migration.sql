-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "scheduling";

-- CreateTable
CREATE TABLE "scheduling"."queue" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "queue_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."job" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "queue_id" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,
    "attempt" INTEGER NOT NULL,
    "queued_at" TIMESTAMPTZ(3),
    "not_before" TIMESTAMPTZ(3),
    "gpu_count" INTEGER NOT NULL,
    "model_in" TEXT[],
    "max_runtime_seconds" INTEGER NOT NULL,
    "created_by_id" TEXT NOT NULL,
    "reserved_model_id" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "queue_project_id_name_key" ON "scheduling"."queue"("project_id", "name");

-- CreateIndex
CREATE INDEX "job_project_id_id_idx" ON "scheduling"."job"("project_id", "id");

-- CreateIndex
CREATE INDEX "job_phase_queue_id_priority_id_idx" ON "scheduling"."job"("phase", "queue_id", "priority" DESC, "id");



GRANT USAGE ON SCHEMA "scheduling" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "scheduling" TO fleetgraph_runtime;
