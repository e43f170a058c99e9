-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "models";

-- CreateTable
CREATE TABLE "models"."registered_model" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "registered_model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models"."alias_change" (
    "model_id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "version_id" TEXT,
    "previous_version_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" JSONB NOT NULL,

    CONSTRAINT "alias_change_pkey" PRIMARY KEY ("model_id","sequence")
);

-- CreateTable
CREATE TABLE "models"."model_version" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "produced_by_job_id" TEXT,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "model_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models"."evaluation" (
    "id" TEXT NOT NULL,
    "model_version_id" TEXT NOT NULL,
    "suite" TEXT NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "metrics" JSONB NOT NULL,
    "dataset" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" JSONB NOT NULL,

    CONSTRAINT "evaluation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models"."deployment" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models"."deployment_version" (
    "deployment_id" TEXT NOT NULL,
    "model_version_id" TEXT NOT NULL,
    "weight_bp" INTEGER NOT NULL,

    CONSTRAINT "deployment_version_pkey" PRIMARY KEY ("deployment_id","model_version_id")
);

-- CreateTable
CREATE TABLE "models"."project" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "models"."job" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "registered_model_project_id_id_idx" ON "models"."registered_model"("project_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "registered_model_project_id_name_key" ON "models"."registered_model"("project_id", "name");

-- CreateIndex
CREATE INDEX "alias_change_model_id_name_sequence_idx" ON "models"."alias_change"("model_id", "name", "sequence");

-- CreateIndex
CREATE INDEX "model_version_produced_by_job_id_id_idx" ON "models"."model_version"("produced_by_job_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "model_version_model_id_number_key" ON "models"."model_version"("model_id", "number");

-- CreateIndex
CREATE INDEX "evaluation_model_version_id_id_idx" ON "models"."evaluation"("model_version_id", "id");

-- CreateIndex
CREATE INDEX "deployment_project_id_id_idx" ON "models"."deployment"("project_id", "id");

-- CreateIndex
CREATE INDEX "deployment_model_id_id_idx" ON "models"."deployment"("model_id", "id");

-- CreateIndex
CREATE INDEX "deployment_version_model_version_id_deployment_id_idx" ON "models"."deployment_version"("model_version_id", "deployment_id");


GRANT USAGE ON SCHEMA "models" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "models" TO fleetgraph_runtime;
