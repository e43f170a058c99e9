/** The demo world: what is loaded into an empty store, through the same commands as everything else. */
export const demoOrganisation = { name: 'acme' } as const;

export const demoProjects = [
  {
    key: 'vision',
    name: 'Vision',
    quotas: { 'h100-sxm5-80gb': 16, 'a100-sxm4-80gb': 16 },
    monthlyBudget: '5000',
  },
  {
    key: 'speech',
    name: 'Speech',
    quotas: { 'h100-sxm5-80gb': 8, 'a100-sxm4-80gb': 8 },
    monthlyBudget: '1000',
  },
] as const;

/** Roles by username, besides the administrator's; `project` null is the whole organisation. */
export const demoRoles = [
  { username: 'operator', role: 'Operator', project: null },
  { username: 'vision-admin', role: 'ProjectAdmin', project: 'vision' },
  { username: 'speech-admin', role: 'ProjectAdmin', project: 'speech' },
  { username: 'vision-researcher', role: 'Researcher', project: 'vision' },
  { username: 'speech-researcher', role: 'Researcher', project: 'speech' },
  { username: 'model-approver', role: 'ModelApprover', project: null },
  { username: 'finops', role: 'FinOps', project: null },
  { username: 'auditor', role: 'Auditor', project: null },
] as const;

/** What GraphiQL opens with and `npm start` prints. */
export const demoOperations = [
  {
    title: 'What is there',
    query: `query WhatIsThere {
  me {
    displayName
    projects(first: 10) {
      edges {
        node {
          id
          key
        }
      }
    }
  }
  gpuCatalogue {
    id
    name
    available
    pricePerHour {
      amount
      currency
    }
  }
}`,
  },
  {
    title: 'Ask for GPUs',
    query: `mutation AskForGpus($project: ID!) {
  requestInstance(
    input: {
      idempotencyKey: "my-first-instance"
      request: {
        projectId: $project
        name: "notebook"
        image: "jupyter/base-notebook"
        gpu: { modelIn: ["h100-sxm5-80gb"], count: 1 }
        ports: [{ name: "http", port: 8888 }]
      }
    }
  ) {
    eventId
    instance {
      id
      state
    }
  }
}`,
  },
  {
    title: 'Watch it come up',
    query: `subscription WatchIt($instance: ID!) {
  instanceEvents(id: $instance) {
    cursor
    type
    instance {
      state
      provisioningSteps {
        name
        state
      }
      cost {
        accrued {
          amount
          currency
        }
      }
    }
  }
}`,
  },
] as const;
