/** The types of answer that `/graphql` can give. */
export type MediaType =
  'application/json' | 'application/graphql-response+json' | 'text/event-stream' | 'text/html';

const BY_RANGE: Readonly<Record<string, MediaType>> = {
  'application/graphql-response+json': 'application/graphql-response+json',
  'application/json': 'application/json',
  'application/*': 'application/json',
  '*/*': 'application/json',
  'text/event-stream': 'text/event-stream',
  'text/html': 'text/html',
};

const HEADERS_REMEMBERED_MAX = 100;
const remembered = new Map<string, MediaType | null>();

/** The type that an `Accept` header likes best, the first of equals; null if it likes none of ours. */
export function preferredMediaType(accept = '*/*'): MediaType | null {
  const known = remembered.get(accept);
  if (known !== undefined) return known;
  const mediaType = readPreference(accept);
  if (remembered.size < HEADERS_REMEMBERED_MAX) remembered.set(accept, mediaType);
  return mediaType;
}

function readPreference(accept: string): MediaType | null {
  const [best] = accept
    .toLowerCase()
    .split(',')
    .flatMap((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
      const mediaType = BY_RANGE[type];
      const quality = qualityOf(parameters);
      return mediaType && quality > 0 && isUtf8(parameters) ? [{ mediaType, quality }] : [];
    })
    .sort((left, right) => right.quality - left.quality);
  return best?.mediaType ?? null;
}

function qualityOf(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
}

const isUtf8 = (parameters: readonly string[]) =>
  parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
  );
