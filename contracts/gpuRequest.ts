import { findGpuModel } from './gpuCatalogue.js';

/** What is wrong with a list of models that a caller named, first choice first; `path` leads there from the list. */
export const modelFaults = (modelIn: readonly string[]): { path: [number]; message: string }[] =>
  modelIn.flatMap((id, index) => {
    const faults: string[] = [];
    if (!findGpuModel(id)) faults.push(`${id} is no model of the catalogue`);
    if (modelIn.indexOf(id) !== index) faults.push(`${id} occurs twice`);
    return faults.map((message) => ({ path: [index], message }));
  });
