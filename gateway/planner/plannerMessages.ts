/** To the planner's process: first the supergraph, then documents, one at a time. */
export type ToPlanner =
  { type: 'load'; supergraphSdl: string } | { type: 'plan'; document: string; operationName: string | null };

/** From it: one answer to each message, in order. `plan` is JSON text, so that it crosses as one string. */
export type FromPlanner =
  | { type: 'loaded'; consumerSchema: string }
  | { type: 'planned'; plan: string }
  | { type: 'refused'; reason: string };
