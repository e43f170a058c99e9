import { readTrustedDocuments } from '../trustedDocuments.js';
import { type Begun, createBegun } from './begun.js';
import { checkBill, watchAlerts } from './bill.chapter.js';
import { type Cast, createCast } from './cast.js';
import { requestInstance } from './instance.chapter.js';
import { runJobs } from './jobs.chapter.js';
import { serveModel } from './model.chapter.js';
import { openProject } from './project.chapter.js';
import type { Screen } from './screen.js';
import type { Stage } from './stage.js';
import { Surprise } from './surprise.js';
import { createTokenSource } from './tokens.js';
import { readTrail } from './trail.chapter.js';

/** How long each chapter takes on a laptop. */
const CHAPTERS = {
  project: { title: 'A project, with its people, its share of the fleet and its money', seconds: 2 },
  instance: { title: 'An instance that somebody else has to approve', seconds: 3 },
  jobs: { title: 'A job that runs, and one that says why it waits', seconds: 36 },
  model: { title: 'A model that serves', seconds: 5 },
  bill: { title: 'What it has cost', seconds: 2 },
  trail: { title: 'Who did what', seconds: 1 },
  end: { title: 'Everything is given back', seconds: 1 },
} as const;

export const DEMO_SECONDS = Object.values(CHAPTERS).reduce((sum, { seconds }) => sum + seconds, 0);

/**
 * Plays the whole of Fleetgraph against a running server, as its users would, and checks every answer. Whatever it has
 * begun it ends, also when the signal breaks it off. Answers whether all went as it should.
 */
export async function playDemo(options: {
  url: string;
  env: NodeJS.ProcessEnv;
  screen: Screen;
  signal: AbortSignal;
}): Promise<boolean> {
  const { url, env, screen, signal } = options;
  const started = performance.now();
  const begun = createBegun();
  let cast: (Cast & AsyncDisposable) | null = null;
  let told = true;
  try {
    const documents = readTrustedDocuments();
    cast = await createCast({ url, tokenOf: createTokenSource(url, env), documents, signal });
    await playChapters({ cast, screen, begun, signal });
  } catch (error) {
    told = false;
    tellFault(error, screen, signal);
  }
  const ended = await endAll(begun, screen);
  await cast?.[Symbol.asyncDispose]();
  if (!told || !ended) return false;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  screen.say(`All as promised, in ${seconds} s.`);
  return true;
}

async function playChapters(stage: Stage): Promise<void> {
  const chapter = <Result>(name: keyof typeof CHAPTERS, play: () => Promise<Result>): Promise<Result> => {
    stage.signal.throwIfAborted();
    stage.screen.chapter(CHAPTERS[name].title, CHAPTERS[name].seconds);
    return play();
  };
  const project = await chapter('project', () => openProject(stage));
  const alerts = watchAlerts(stage, project);
  const instance = await chapter('instance', () => requestInstance(stage, project));
  const worked = await chapter('jobs', () => runJobs(stage, project, instance));
  const serving = await chapter('model', () => serveModel(stage, project, worked));
  await chapter('bill', () => checkBill(stage, project, { costs: [...worked.costs, serving], alerts }));
  await chapter('trail', () => readTrail(stage, project));
}

/** In success as well as after a fault. */
async function endAll(begun: Begun, screen: Screen): Promise<boolean> {
  screen.chapter(CHAPTERS.end.title, CHAPTERS.end.seconds);
  return begun.endAll({
    ended: ({ username, text }) => screen.tell(username, text),
    failed: (text) => screen.fault(text),
  });
}

function tellFault(error: unknown, screen: Screen, signal: AbortSignal): void {
  if (signal.aborted) return screen.fault('Broken off.');
  if (error instanceof Surprise) {
    screen.fault(`This is not as it should be. I expected that ${error.expected}.`);
    return screen.fault(`I got ${error.got}.`);
  }
  screen.fault(error instanceof Error ? error.message : String(error));
}
