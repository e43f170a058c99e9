import type { Example } from '../gateway/http/graphiqlPage.js';
import type { Database } from '../platform/database/database.js';
import { encodeCursor } from '../platform/feed/cursor.js';
import { demoProjects } from './demoWorld.js';

/** What GraphiQL opens with and `npm start` prints: to be run one after the other, as a researcher of the project. */
export async function readExamples({ prisma }: Database): Promise<readonly Example[]> {
  const { key } = demoProjects[0];
  const project = await prisma.project.findUnique({ where: { key }, select: { id: true } });
  const examples = examplesFor(project?.id ?? 'project_… (an id that the first operation shows)');
  return examples.map(({ title, query }) => ({ title, query: `# ${title}\n${query}` }));
}

/** The cursor before the first event. */
const BEGINNING = encodeCursor('resources', 0n);

const examplesFor = (projectId: string): readonly Example[] => [
  {
    title: 'What is there, and what does it cost?',
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
    title: 'Ask for a GPU (the same key: the same instance)',
    query: `mutation AskForGpus {
  requestInstance(
    input: {
      idempotencyKey: "my-first-instance"
      request: {
        projectId: "${projectId}"
        name: "notebook"
        image: "jupyter/base-notebook"
        gpu: { count: 1, modelIn: ["h100-sxm5-80gb"] }
        ports: [{ name: "http", port: 8888 }]
      }
    }
  ) {
    instance {
      id
      state
    }
  }
}`,
  },
  {
    title: 'Watch the instances of your project, from the first on',
    query: `subscription WatchThem {
  instanceEvents(
    projectId: "${projectId}"
    after: "${BEGINNING}"
  ) {
    type
    instance {
      name
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
];
