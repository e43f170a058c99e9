import { ClusterError } from './clusterError.js';
import type { PodLogLine } from './cluster.port.js';

const NEWLINE = 10;
/** What the cluster puts before the text: a time with nanoseconds and an offset, and a blank. */
const STAMP_BYTES = 40;
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?: |$)/;

/**
 * The lines of a log with timestamps, in one batch for each piece of the body. Of a line no more than `bytesMax` are kept
 * in memory, however long it is. Throws a `ClusterError` with status 0 when the connection was cut.
 */
export async function* readPodLog(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<readonly PodLogLine[]> {
  const line = createLine(bytesMax + STAMP_BYTES);
  const toLine = (isWhole: boolean) => parseLine(line.take(), { bytesMax, isWhole });
  try {
    for await (const piece of body) {
      const lines: PodLogLine[] = [];
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
        line.add(piece.subarray(start, end));
        lines.push(toLine(true));
        start = end + 1;
      }
      line.add(piece.subarray(start));
      if (lines.length > 0) yield lines;
    }
  } catch (cause) {
    throw new ClusterError(0, 'Unreachable', 'The log was cut off', { cause });
  }
  if (line.bytes() > 0) yield [toLine(false)];
}

type Bytes = { readonly kept: Buffer; readonly bytes: number };

/** The line that is being read: its beginning, and how long it is so far. */
function createLine(keptMax: number) {
  let parts: Uint8Array[] = [];
  let kept = 0;
  let bytes = 0;
  return {
    bytes: () => bytes,
    add(part: Uint8Array): void {
      const room = Math.min(keptMax - kept, part.length);
      if (room > 0) parts.push(part.subarray(0, room));
      kept += Math.max(0, room);
      bytes += part.length;
    },
    take(): Bytes {
      const taken = { kept: Buffer.concat(parts), bytes };
      parts = [];
      kept = bytes = 0;
      return taken;
    },
  };
}

function parseLine(
  { kept, bytes }: Bytes,
  { bytesMax, isWhole }: { bytesMax: number; isWhole: boolean },
): PodLogLine {
  const stamp = STAMP.exec(kept.toString('latin1', 0, STAMP_BYTES));
  const stampBytes = stamp?.[0].length ?? 0;
  const text = kept.subarray(stampBytes, stampBytes + bytesMax);
  const isCut = bytes - stampBytes > text.length;
  return {
    at: stamp ? toUtc(stamp) : null,
    // A stream leaves out a character of which the cut has left only a part.
    text: isCut ? new TextDecoder().decode(text, { stream: true }) : text.toString('utf8'),
    bytes: bytes - stampBytes,
    isWhole,
  };
}

/** Always UTC with nine digits, so that the order of the texts is that of the times. */
function toUtc([, seconds = '', fraction = '', zone = 'Z']: RegExpExecArray): string {
  const utc = zone === 'Z' ? seconds : new Date(seconds + zone).toISOString().slice(0, seconds.length);
  return `${utc}.${fraction.padEnd(9, '0')}Z`;
}
