import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../../platform/compiled.js';

/** The document as it lies in the repository. */
export const DOCUMENT_FILE = join(projectRoot, 'docs', 'asyncapi.json');

type Document = {
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  components: {
    messages: Record<string, { headers?: object; payload: object }>;
    schemas: Record<string, object>;
  };
};

/** What somebody who has only the document finds wrong with a message on a topic; null if nothing. */
export function createMessageCheck(document = readFileSync(DOCUMENT_FILE, 'utf8')) {
  // JSON Schema of today looks for definitions elsewhere than AsyncAPI does.
  const text = document.replaceAll('#/components/schemas/', '#/$defs/');
  const { channels, components } = JSON.parse(text) as Document;
  const schemas = new Map<object, z.ZodType>();

  function faults(schema: object, value: unknown): string | null {
    const known = schemas.get(schema) ?? z.fromJSONSchema({ ...schema, $defs: components.schemas } as never);
    schemas.set(schema, known);
    const { error } = known.safeParse(value);
    return error ? z.prettifyError(error) : null;
  }

  return (topic: string, { value, headers }: { value: string | null; headers: object }): string | null => {
    const channel = Object.values(channels).find(({ address }) => address === topic);
    if (!channel) return `there is no channel ${topic}`;
    const event = JSON.parse(value ?? 'null') as { type?: string } | null;
    const [only, ...others] = Object.values(channel.messages);
    const described = others.length > 0 ? channel.messages[event?.type ?? ''] : only;
    const name = described?.$ref.split('/').at(-1);
    const message = components.messages[name ?? ''];
    if (!message) return `${topic} has no message ${event?.type}`;
    return (message.headers ? faults(message.headers, headers) : null) ?? faults(message.payload, event);
  };
}
