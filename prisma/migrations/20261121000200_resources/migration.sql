-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "resources";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "metrics";

-- CreateTable
CREATE TABLE "resources"."cluster" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "connectivity" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."node" (
    "id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "lost" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."gpu" (
    "id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "gpu_model_id" TEXT NOT NULL,
    "uuid" TEXT,
    "memory_mib" INTEGER,
    "health" TEXT NOT NULL,
    "present" BOOLEAN NOT NULL,
    "usable" BOOLEAN NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gpu_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."allocation" (
    "id" TEXT NOT NULL,
    "owner_kind" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "gpu_id" TEXT NOT NULL,
    "gpu_model_id" TEXT NOT NULL,
    "node_id" TEXT NOT NULL,
    "basis_points" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "allocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."instance" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."workload" (
    "id" TEXT NOT NULL,
    "owner_kind" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT,
    "cluster_id" TEXT,
    "phase" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "workload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."project_node" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "parent_id" TEXT,
    "lineage" TEXT[],

    CONSTRAINT "project_node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources"."quota_limit" (
    "project_id" TEXT NOT NULL,
    "gpu_model_id" TEXT NOT NULL,
    "quota_id" TEXT NOT NULL,
    "nominal" INTEGER NOT NULL,

    CONSTRAINT "quota_limit_pkey" PRIMARY KEY ("project_id","gpu_model_id")
);

-- CreateTable
CREATE TABLE "resources"."known_price_book" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "rates" JSONB NOT NULL,
    "in_force_from" TIMESTAMPTZ(3),

    CONSTRAINT "known_price_book_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "metrics"."gpu_metric" (
    "gpu_id" TEXT NOT NULL,
    "step_s" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "samples" INTEGER NOT NULL,
    "utilization" DOUBLE PRECISION,
    "memory_used_mib" DOUBLE PRECISION,
    "memory_total_mib" DOUBLE PRECISION,
    "power_w" DOUBLE PRECISION,
    "temperature_c" DOUBLE PRECISION,
    "memory_temperature_c" DOUBLE PRECISION,
    "engine_active" DOUBLE PRECISION,
    "tensor_active" DOUBLE PRECISION,
    "memory_active" DOUBLE PRECISION,
    "sm_clock_mhz" DOUBLE PRECISION,
    "energy_kwh" DOUBLE PRECISION,
    "last_xid" DOUBLE PRECISION,

    CONSTRAINT "gpu_metric_pkey" PRIMARY KEY ("gpu_id","step_s","started_at")
);

-- CreateIndex
CREATE INDEX "node_cluster_id_idx" ON "resources"."node"("cluster_id");

-- CreateIndex
CREATE INDEX "gpu_gpu_model_id_node_id_idx" ON "resources"."gpu"("gpu_model_id", "node_id");

-- CreateIndex
CREATE UNIQUE INDEX "gpu_node_id_index_key" ON "resources"."gpu"("node_id", "index");

-- CreateIndex
CREATE INDEX "allocation_owner_id_id_idx" ON "resources"."allocation"("owner_id", "id");

-- CreateIndex
CREATE INDEX "allocation_gpu_id_id_idx" ON "resources"."allocation"("gpu_id", "id");

-- CreateIndex
CREATE INDEX "instance_project_id_id_idx" ON "resources"."instance"("project_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "workload_owner_id_attempt_key" ON "resources"."workload"("owner_id", "attempt");

-- CreateIndex
CREATE INDEX "project_node_lineage_idx" ON "resources"."project_node" USING GIN ("lineage");

-- CreateIndex
CREATE UNIQUE INDEX "quota_limit_quota_id_key" ON "resources"."quota_limit"("quota_id");

-- CreateIndex
CREATE INDEX "known_price_book_in_force_from_idx" ON "resources"."known_price_book"("in_force_from");

-- CreateIndex
CREATE INDEX "gpu_metric_step_s_started_at_idx" ON "metrics"."gpu_metric"("step_s", "started_at");

-- No device is ever open twice. Open allocations are what quotas count; the schema language cannot say "where open".
CREATE UNIQUE INDEX "allocation_open_gpu_key" ON "resources"."allocation"("gpu_id") WHERE "closed_at" IS NULL;
CREATE INDEX "allocation_open_model_idx" ON "resources"."allocation"("gpu_model_id", "project_id") WHERE "closed_at" IS NULL;

-- The instances and workloads that reconcilers still have work with.
CREATE INDEX "instance_unfinished_idx" ON "resources"."instance"("id") WHERE "phase" NOT IN ('TERMINATED', 'FAILED');

CREATE INDEX "workload_unfinished_idx" ON "resources"."workload"("id") WHERE "phase" NOT IN ('CLEARED', 'REFUSED');

GRANT USAGE ON SCHEMA "resources", "metrics" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "resources", "metrics" TO fleetgraph_runtime;
