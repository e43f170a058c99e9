import type { PrismaClient } from '../../platform/database/generated/client.js';
import { createApprovalRepository } from './approval/approval.repository.js';
import { createTrailRepository } from './audit/trail.repository.js';
import { createOrganisationRepository } from './organisation/organisation.repository.js';
import { createProjectRepository } from './project/project.repository.js';
import { createQuotaRepository } from './quota/quota.repository.js';
import { createRoleBindingRepository } from './roleBinding/roleBinding.repository.js';
import { createUserRepository } from './user/user.repository.js';

/** The whole read side of governance. */
export const createRepositories = (prisma: PrismaClient) => ({
  organisations: createOrganisationRepository(prisma),
  projects: createProjectRepository(prisma),
  users: createUserRepository(prisma),
  roleBindings: createRoleBindingRepository(prisma),
  quotas: createQuotaRepository(prisma),
  approvals: createApprovalRepository(prisma),
  trail: createTrailRepository(prisma),
});

export type Repositories = ReturnType<typeof createRepositories>;
