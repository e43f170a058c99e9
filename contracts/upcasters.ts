import type { SubgraphName } from './subgraphs.js';

/** The steps that lift the data of one event type from schema version 1 to 2, from 2 to 3, and so on. */
type Steps = readonly ((data: object) => object)[];

/**
 * How stored facts of old schema versions are read, by context and event type. A type that is not here has version 1. A
 * change that is more than a new optional field adds a step here, and a golden file of the new version.
 */
export const UPCASTERS: Readonly<Record<SubgraphName, Readonly<Record<string, Steps>>>> = {
  governance: {},
  resources: {},
  scheduling: {},
  billing: {},
  models: {},
};
