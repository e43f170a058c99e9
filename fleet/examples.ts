import type { Example } from '../gateway/http/graphiqlPage.js';
import type { Database } from '../platform/database/database.js';
import { encodeCursor } from '../platform/feed/cursor.js';
import { demoProjects } from './demoWorld.js';

/** An operation to try. Those that are `printed` are shown on the terminal too. */
export type StartExample = Example & { readonly printed: boolean };

/** What GraphiQL opens with: to be run one after the other, as a researcher of the project. */
export async function readExamples({ prisma }: Database): Promise<readonly StartExample[]> {
  const { key } = demoProjects[0];
  const project = await prisma.project.findUnique({ where: { key }, select: { id: true } });
  const projectId = project?.id ?? 'project_… (an id that the first operation shows)';
  return [
    example('What is there, and what does it cost?', true, WHAT_IS_THERE),
    example('Ask for a GPU (the same key: the same instance)', false, askForGpus(projectId)),
    example('Watch the instances of your project, from the first on', false, watchInstances(projectId)),
    example('Run a job for two minutes on two GPUs', true, runJob(projectId)),
    example('See live what the GPUs of your project do', true, watchGpus(projectId)),
  ];
}

const example = (title: string, printed: boolean, query: string): StartExample => ({
  title,
  printed,
  query: `# ${title}\n${query}`,
});

/** The cursor before the first event. */
const BEGINNING = encodeCursor('resources', 0n);

const WHAT_IS_THERE = `query WhatIsThere {
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
}`;

const askForGpus = (projectId: string) => `mutation AskForGpus {
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
}`;

const watchInstances = (projectId: string) => `subscription WatchThem {
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
}`;

const runJob = (projectId: string) => `mutation RunJob {
  submitJob(
    input: {
      idempotencyKey: "my-first-job"
      request: {
        projectId: "${projectId}"
        name: "train"
        image: "pytorch/pytorch"
        command: ["python", "train.py"]
        gpu: { count: 2, modelIn: ["h100-sxm5-80gb"] }
        maxRuntime: "PT1H"
        annotations: [
          { key: "pod-complete.stage.kwok.x-k8s.io/delay", value: "120s" }
        ]
      }
    }
  ) {
    job {
      id
      phase
      blockers {
        code
        action
      }
    }
  }
}`;

const watchGpus = (projectId: string) => `subscription WatchGpus {
  gpuMetrics(
    selector: { projectId: "${projectId}" }
    maxHz: 1
  ) {
    gpu {
      id
    }
    job {
      name
    }
    utilization
    memoryUsedMiB
    powerW
    temperatureC
  }
}`;
