-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "billing";

-- CreateTable
CREATE TABLE "billing"."price_book" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "in_force_from" TIMESTAMPTZ(3),
    "state" JSONB NOT NULL,

    CONSTRAINT "price_book_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "billing"."budget" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "budget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "billing"."budget_hold" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "live" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "budget_hold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "billing"."project" (
    "id" TEXT NOT NULL,
    "parent_id" TEXT,
    "lineage" TEXT[],

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "billing"."cost_owner" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "cost_owner_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "billing"."usage" (
    "allocation_id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "owner_kind" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "gpu_model_id" TEXT NOT NULL,
    "basis_points" INTEGER NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3),

    CONSTRAINT "usage_pkey" PRIMARY KEY ("allocation_id")
);

-- CreateTable
CREATE TABLE "billing"."early_usage_end" (
    "allocation_id" TEXT NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "early_usage_end_pkey" PRIMARY KEY ("allocation_id")
);

-- CreateTable
CREATE TABLE "billing"."trained_version" (
    "id" TEXT NOT NULL,
    "job_id" TEXT NOT NULL,

    CONSTRAINT "trained_version_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "price_book_name_key" ON "billing"."price_book"("name");

-- CreateIndex
CREATE INDEX "price_book_in_force_from_id_idx" ON "billing"."price_book"("in_force_from", "id");

-- CreateIndex
CREATE UNIQUE INDEX "budget_project_id_period_key" ON "billing"."budget"("project_id", "period");

-- CreateIndex
CREATE INDEX "budget_hold_project_id_live_idx" ON "billing"."budget_hold"("project_id", "live");

-- CreateIndex
CREATE INDEX "budget_hold_owner_id_idx" ON "billing"."budget_hold"("owner_id");

-- CreateIndex
CREATE INDEX "project_lineage_idx" ON "billing"."project" USING GIN ("lineage");

-- CreateIndex
CREATE INDEX "usage_owner_id_idx" ON "billing"."usage"("owner_id");

-- CreateIndex
CREATE INDEX "usage_project_id_to_idx" ON "billing"."usage"("project_id", "to");



-- An owner has at most one live hold; the schema language cannot say it.
CREATE UNIQUE INDEX "budget_hold_live_owner_key" ON "billing"."budget_hold"("owner_id") WHERE "live";

GRANT USAGE ON SCHEMA "billing" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "billing" TO fleetgraph_runtime;
