/** Somebody whom the development issuer vouches for. Who may do what is not its business: roles are bound by username. */
export interface DevelopmentUser {
  /** The `sub` claim: stable, and never shown. */
  readonly subject: string;
  /** The `preferred_username` claim. */
  readonly username: string;
  readonly name: string;
  readonly email: string;
  /** One line for the login page: what this user is there to try. */
  readonly about: string;
}

const demoUser = (username: string, name: string, about: string): DevelopmentUser => ({
  subject: `demo-${username}`,
  username,
  name,
  email: `${username}@acme.example`,
  about,
});

/** The people of the demo organisation. */
export const demoUsers: readonly DevelopmentUser[] = [
  demoUser('org-admin', 'Olga Admin', 'Runs the organisation: projects, quotas, roles, budgets'),
  demoUser('operator', 'Omar Operator', 'Runs the fleet: clusters, nodes, GPUs'),
  demoUser('vision-admin', 'Vera Vision', 'Administers the project vision'),
  demoUser('speech-admin', 'Sven Speech', 'Administers the project speech'),
  demoUser('vision-researcher', 'Rita Vision', 'Asks for GPUs in the project vision'),
  demoUser('speech-researcher', 'Ravi Speech', 'Asks for GPUs in the project speech'),
  demoUser('model-approver', 'Mona Approver', 'Decides which model versions go to production'),
  demoUser('finops', 'Finn Ops', 'Reads cost everywhere, sets budgets and prices'),
  demoUser('auditor', 'Aude Auditor', 'Reads the audit trail everywhere, changes nothing'),
];
