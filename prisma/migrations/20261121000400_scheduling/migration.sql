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


-- CreateIndex
CREATE INDEX "job_ended_at_idx" ON "scheduling"."job"("ended_at");

-- CreateTable
CREATE TABLE "scheduling"."known_project" (
    "id" TEXT NOT NULL,
    "lineage" TEXT[],

    CONSTRAINT "known_project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."known_quota" (
    "project_id" TEXT NOT NULL,
    "gpu_model_id" TEXT NOT NULL,
    "nominal" INTEGER NOT NULL,

    CONSTRAINT "known_quota_pkey" PRIMARY KEY ("project_id","gpu_model_id")
);

-- CreateTable
CREATE TABLE "scheduling"."known_cluster" (
    "id" TEXT NOT NULL,
    "connectivity" TEXT NOT NULL,

    CONSTRAINT "known_cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."known_node" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "models" TEXT[],
    "state" JSONB NOT NULL,

    CONSTRAINT "known_node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."open_allocation" (
    "id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "gpu_model_id" TEXT NOT NULL,

    CONSTRAINT "open_allocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."known_prices" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "rates" JSONB NOT NULL,
    "in_force_from" TIMESTAMPTZ(3),

    CONSTRAINT "known_prices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."known_budget" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,

    CONSTRAINT "known_budget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."decision" (
    "id" TEXT NOT NULL,
    "class_key" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "queue_id" TEXT NOT NULL,
    "job_id" TEXT,
    "verdict" TEXT NOT NULL,
    "blockers" JSONB NOT NULL,
    "inputs" JSONB NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scheduling"."eta_promise" (
    "job_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "queue_id" TEXT NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "p50" TIMESTAMPTZ(3),
    "p90" TIMESTAMPTZ(3) NOT NULL,
    "stretch_50" DOUBLE PRECISION NOT NULL,
    "stretch_90" DOUBLE PRECISION NOT NULL,
    "started_at" TIMESTAMPTZ(3),

    CONSTRAINT "eta_promise_pkey" PRIMARY KEY ("job_id","attempt")
);

-- CreateIndex
CREATE INDEX "open_allocation_gpu_model_id_idx" ON "scheduling"."open_allocation"("gpu_model_id");

-- CreateIndex
CREATE INDEX "decision_ended_at_idx" ON "scheduling"."decision"("ended_at");

-- CreateIndex
CREATE INDEX "decision_queue_id_decided_at_idx" ON "scheduling"."decision"("queue_id", "decided_at");

-- CreateIndex
CREATE INDEX "eta_promise_queue_id_made_at_idx" ON "scheduling"."eta_promise"("queue_id", "made_at");

GRANT USAGE ON SCHEMA "scheduling" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "scheduling" TO fleetgraph_runtime;
