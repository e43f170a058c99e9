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
CREATE TABLE "models"."project" (
    "id" TEXT NOT NULL,

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "registered_model_project_id_id_idx" ON "models"."registered_model"("project_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "registered_model_project_id_name_key" ON "models"."registered_model"("project_id", "name");



GRANT USAGE ON SCHEMA "models" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "models" TO fleetgraph_runtime;
