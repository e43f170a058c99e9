import type { Database } from '../../../platform/database/database.js';
import { packLines, unpackLines } from './chunk.codec.js';
import type { LogLine, LogSource } from './logLine.js';
import type { ResumePoint } from './resumePoint.js';

/** How far the log of one pod is stored. */
export type StoredStream = {
  readonly source: LogSource;
  readonly resume: ResumePoint | null;
  readonly hasEnded: boolean;
};

export type PodOfJob = {
  readonly jobId: string;
  readonly podUid: string;
  readonly attempt: number;
  readonly pod: number;
};

/** What is to be stored next of one job's log: lines from an offset on, and how far each stream has come with them. */
export type LogPart = {
  readonly jobId: string;
  readonly offset: number;
  readonly lines: readonly LogLine[];
  readonly streams: readonly { stream: number; resume: ResumePoint | null; hasEnded: boolean }[];
};

/** `next` is the offset behind the last stored line; nothing follows it once the log is complete. */
export type Standing = { readonly next: number; readonly isComplete: boolean };

export type StoredLines = { readonly offset: number; readonly lines: readonly LogLine[] };

export type LogRepository = ReturnType<typeof createLogRepository>;

/** Logs as they are kept. No event could rebuild them, and they have a Postgres schema of their own for that. */
export function createLogRepository(prisma: Database['prisma']) {
  return {
    /** Begins the log of a pod, or finds how far it is stored, and where the job's log is now. */
    openStream: ({ jobId, podUid, attempt, pod }: PodOfJob): Promise<StoredStream & { next: number }> =>
      prisma.$transaction(async (tx) => {
        await tx.logHead.createMany({ data: [{ jobId }], skipDuplicates: true });
        const [head] = await tx.$queryRaw<{ next: bigint }[]>`
          SELECT next_offset AS next FROM logs.log_head WHERE job_id = ${jobId} FOR UPDATE`;
        const known = await tx.logStream.findUnique({ where: { podUid } });
        const stream = known?.stream ?? (await tx.logStream.count({ where: { jobId } }));
        if (!known) await tx.logStream.create({ data: { jobId, stream, podUid, attempt, pod } });
        return {
          source: { stream, attempt, pod },
          resume: (known?.resume ?? null) as ResumePoint | null,
          hasEnded: known?.hasEnded ?? false,
          next: Number(head?.next ?? 0),
        };
      }),

    /** The pods whose logs have not ended as far as is known. */
    async unendedPods(): Promise<PodOfJob[]> {
      const rows = await prisma.logStream.findMany({
        where: { hasEnded: false },
        orderBy: { podUid: 'asc' },
      });
      return rows.map(({ jobId, podUid, attempt, pod }) => ({ jobId, podUid, attempt, pod }));
    },

    /** Whether the logs of all of these pods are stored to their ends. */
    areKept: async (podUids: readonly string[]): Promise<boolean> =>
      (await prisma.logStream.count({ where: { podUid: { in: [...podUids] }, hasEnded: true } })) ===
      podUids.length,

    /**
     * Stores parts of several jobs' logs in one statement. Answers with the jobs for which that happened: a part whose offset is
     * not where the stored log ends was written by somebody who no longer leads, and is left out as a whole.
     */
    async store(parts: readonly LogPart[]): Promise<ReadonlySet<string>> {
      const chunks = await Promise.all(parts.map(toChunk));
      const streams = parts.flatMap((part) =>
        part.streams.map((seen) => ({ job_id: part.jobId, ...seen, has_ended: seen.hasEnded })),
      );
      const rows = await prisma.$queryRaw<{ jobId: string }[]>`
        WITH part AS (
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(chunks)}::jsonb) AS part (job_id text, first_offset bigint,
            lines int, first_at timestamptz, last_at timestamptz, data text)
        ), moved AS (
          UPDATE logs.log_head AS head SET next_offset = part.first_offset + part.lines
          FROM part WHERE head.job_id = part.job_id AND head.next_offset = part.first_offset
          RETURNING head.job_id
        ), chunk AS (
          INSERT INTO logs.log_chunk (job_id, first_offset, lines, first_at, last_at, data)
          SELECT job_id, first_offset, lines, first_at, last_at, decode(data, 'base64') FROM part JOIN moved USING (job_id)
          WHERE lines > 0
        ), seen AS (
          UPDATE logs.log_stream AS stream SET resume = seen.resume, has_ended = seen.has_ended
          FROM jsonb_to_recordset(${JSON.stringify(streams)}::jsonb) AS seen (job_id text, stream int, resume jsonb,
            has_ended boolean) JOIN moved USING (job_id)
          WHERE stream.job_id = seen.job_id AND stream.stream = seen.stream
        )
        SELECT job_id AS "jobId" FROM moved`;
      return new Set(rows.map(({ jobId }) => jobId));
    },

    /** How far the logs of jobs are stored, for those jobs that are known. */
    async standings(jobIds: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
      const rows = await prisma.$queryRaw<{ id: string; next: bigint; isComplete: boolean }[]>`
        SELECT job.id, coalesce(head.next_offset, 0) AS next, job.has_ended AND NOT EXISTS (
          SELECT FROM logs.log_stream AS stream WHERE stream.job_id = job.id AND NOT stream.has_ended) AS "isComplete"
        FROM resources.known_job AS job LEFT JOIN logs.log_head AS head ON head.job_id = job.id
        WHERE job.id = ANY(${jobIds})`;
      return new Map(rows.map(({ id, next, isComplete }) => [id, { next: Number(next), isComplete }]));
    },

    /** The project of a job; null for one that is not known. */
    async projectOf(jobId: string): Promise<string | null> {
      const job = await prisma.knownJob.findUnique({ where: { id: jobId }, select: { projectId: true } });
      return job?.projectId ?? null;
    },

    /** From which offset on lines are still kept, and where they end. */
    async kept(jobId: string): Promise<{ first: number; next: number }> {
      const rows = await prisma.$queryRaw<{ first: bigint | null; next: bigint }[]>`
        SELECT next_offset AS next, (SELECT min(first_offset) FROM logs.log_chunk WHERE job_id = ${jobId}) AS first
        FROM logs.log_head WHERE job_id = ${jobId}`;
      const next = Number(rows[0]?.next ?? 0);
      return { first: Number(rows[0]?.first ?? next), next };
    },

    /** The stored lines that were stored together with the line at the offset, or the next that are kept. */
    async linesAt(jobId: string, offset: number): Promise<StoredLines | null> {
      const [chunk] = await prisma.$queryRaw<{ offset: bigint; data: Uint8Array }[]>`
        SELECT first_offset AS "offset", data FROM logs.log_chunk
        WHERE job_id = ${jobId} AND first_offset >= coalesce((SELECT max(first_offset) FROM logs.log_chunk
          WHERE job_id = ${jobId} AND first_offset <= ${offset}::bigint AND first_offset + lines > ${offset}::bigint), ${offset}::bigint)
        ORDER BY first_offset LIMIT 1`;
      return chunk ? { offset: Number(chunk.offset), lines: await unpackLines(chunk.data) } : null;
    },

    /** Forgets what was stored before that time. */
    async expire(before: Date): Promise<void> {
      await prisma.logChunk.deleteMany({ where: { storedAt: { lt: before } } });
    },
  };
}

async function toChunk({ jobId, offset, lines }: LogPart) {
  const times = lines.map(({ at }) => at);
  return {
    job_id: jobId,
    first_offset: offset,
    lines: lines.length,
    first_at: times.reduce<string | null>((first, at) => (first === null || at < first ? at : first), null),
    last_at: times.reduce<string | null>((last, at) => (last === null || at > last ? at : last), null),
    data: lines.length > 0 ? (await packLines(lines)).toString('base64') : null,
  };
}
