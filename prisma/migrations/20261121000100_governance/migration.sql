-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "governance";

-- CreateTable
CREATE TABLE "governance"."organisation" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "organisation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "governance"."project" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "parent_id" TEXT,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "governance"."user" (
    "id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "governance"."user_profile" (
    "user_id" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "email" TEXT,

    CONSTRAINT "user_profile_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "governance"."role_binding" (
    "id" TEXT NOT NULL,
    "user_id" TEXT,
    "role" TEXT NOT NULL,
    "project_id" TEXT,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "role_binding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "governance"."quota" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "gpu_model_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "quota_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "governance"."audit_head" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "sequence" BIGINT NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "governance"."audit_place" (
    "context" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,

    CONSTRAINT "audit_place_pkey" PRIMARY KEY ("context","position")
);

-- CreateTable
CREATE TABLE "governance"."audit_event" (
    "sequence" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "subgraph" TEXT NOT NULL,
    "subject_type" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "subject_version" INTEGER NOT NULL,
    "owner_id" TEXT NOT NULL,
    "serves_id" TEXT,
    "project_id" TEXT,
    "actor_id" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "on_behalf_of" TEXT,
    "request_id" TEXT NOT NULL,
    "correlation_id" TEXT NOT NULL,
    "causation_id" TEXT,
    "payload" JSONB NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("sequence")
);

-- CreateIndex
CREATE UNIQUE INDEX "project_key_key" ON "governance"."project"("key");

-- CreateIndex
CREATE INDEX "project_parent_id_idx" ON "governance"."project"("parent_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_profile_username_key" ON "governance"."user_profile"("username");

-- CreateIndex
CREATE INDEX "role_binding_user_id_idx" ON "governance"."role_binding"("user_id");

-- CreateIndex
CREATE INDEX "role_binding_project_id_id_idx" ON "governance"."role_binding"("project_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "quota_project_id_gpu_model_id_key" ON "governance"."quota"("project_id", "gpu_model_id");

-- CreateTable
CREATE TABLE "governance"."approval_request" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "requested_by_id" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "state" JSONB NOT NULL,

    CONSTRAINT "approval_request_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "approval_request_target_id_key" ON "governance"."approval_request"("target_id");

-- CreateIndex
CREATE INDEX "approval_request_project_id_id_idx" ON "governance"."approval_request"("project_id", "id");

-- CreateIndex
CREATE INDEX "approval_request_status_id_idx" ON "governance"."approval_request"("status", "id");

-- CreateIndex
CREATE INDEX "approval_request_requested_by_id_id_idx" ON "governance"."approval_request"("requested_by_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_place_sequence_key" ON "governance"."audit_place"("sequence");

-- CreateIndex
CREATE UNIQUE INDEX "audit_event_id_key" ON "governance"."audit_event"("id");

-- CreateIndex
CREATE INDEX "audit_event_subject_id_sequence_idx" ON "governance"."audit_event"("subject_id", "sequence");

-- CreateIndex
CREATE INDEX "audit_event_serves_id_sequence_idx" ON "governance"."audit_event"("serves_id", "sequence");

-- CreateIndex
CREATE INDEX "audit_event_project_id_sequence_idx" ON "governance"."audit_event"("project_id", "sequence");

-- CreateIndex
CREATE INDEX "audit_event_actor_id_sequence_idx" ON "governance"."audit_event"("actor_id", "sequence");

-- CreateIndex
CREATE INDEX "audit_event_owner_id_sequence_idx" ON "governance"."audit_event"("owner_id", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "audit_event_subgraph_subject_id_subject_version_key" ON "governance"."audit_event"("subgraph", "subject_id", "subject_version");



INSERT INTO "governance"."audit_head" ("sequence") VALUES (0);

GRANT USAGE ON SCHEMA "governance" TO fleetgraph_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "governance" TO fleetgraph_runtime;
-- Which place an event took in the trail is for ever.
REVOKE UPDATE, DELETE ON "governance"."audit_place" FROM fleetgraph_runtime;
