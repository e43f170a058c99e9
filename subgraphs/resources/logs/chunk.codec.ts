import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { LogLine, LogSource } from './logLine.js';

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

type Packed = {
  sources: LogSource[];
  /** Source, time, text, and 1 for a notice. */
  lines: [source: number, at: string, text: string, notice?: 1][];
};

/** Lines of a job's log, compressed. */
export async function packLines(lines: readonly LogLine[]): Promise<Buffer> {
  const sources = [...new Map(lines.map(({ source }) => [source.stream, source])).values()];
  const indexes = new Map(sources.map(({ stream }, index) => [stream, index]));
  const packed: Packed = {
    sources,
    lines: lines.map(({ source, at, text, isNotice }) => {
      const index = indexes.get(source.stream) ?? 0;
      return isNotice ? [index, at, text, 1] : [index, at, text];
    }),
  };
  return compress(JSON.stringify(packed));
}

export async function unpackLines(data: Uint8Array): Promise<LogLine[]> {
  const { sources, lines } = JSON.parse((await expand(data)).toString()) as Packed;
  return lines.map(([index, at, text, notice]) => {
    const source = sources[index];
    if (!source) throw new Error(`A chunk of a log has no source ${index}`);
    return { source, at, text, isNotice: notice === 1 };
  });
}
