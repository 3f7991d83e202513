import type { OutcomeCode } from './record.ts';

/** Upper bounds of the latency buckets, in milliseconds; one more bucket has none. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
];

export interface LatencyHistogram {
  /** Requests in each bucket, not cumulative: up to its bound and above the one before; the last has all others. */
  readonly counts: number[];
  sumMs: number;
}

/** Counters that can be added up over destinations. */
export interface OutcomeCounts {
  /** Requests that were answered. */
  mirrored: number;
  /** Answers by status code, `204`. */
  readonly statuses: { [status: string]: number };
  /** Answers by the first digit of the status code, `2xx`. */
  readonly statusClasses: { [statusClass: string]: number };
  /** Requests without an answer, by error code. */
  readonly errors: { [code in OutcomeCode]?: number };
  /** Those among the errors that were never sent because of the queue or the rate. */
  dropped: number;
  resent: number;
  /** Bytes of request bodies. */
  requestBytes: number;
  responseBytes: number;
  readonly latency: LatencyHistogram;
  /** When the last answer had come, epoch ms; absent before the first. */
  lastAnswerMs?: number;
}

export interface DestinationStats extends OutcomeCounts {
  readonly destination: string;
  readonly queued: number;
  /** Bytes of everything that waits or is on its way. */
  readonly queuedBytes: number;
  readonly inFlight: number;
  readonly connections: number;
}

export interface MirrorStats extends Omit<DestinationStats, 'destination'> {
  /** Messages that were received. */
  readonly received: number;
  /** Messages to mirror: each ends as one of those filtered or sampled out, or as one outcome at every destination. */
  readonly taken: number;
  readonly filtered: number;
  readonly sampledOut: number;
  /** When the last of those taken came, epoch ms; absent before the first. */
  readonly lastTakenMs?: number;
  readonly destinations: readonly DestinationStats[];
}

export function emptyCounts(): OutcomeCounts {
  return {
    mirrored: 0,
    statuses: {},
    statusClasses: {},
    errors: {},
    dropped: 0,
    resent: 0,
    requestBytes: 0,
    responseBytes: 0,
    latency: { counts: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0), sumMs: 0 },
  };
}

export function countAnswer(counts: OutcomeCounts, status: number, latencyMs: number): void {
  counts.mirrored++;
  increase(counts.statuses, String(status), 1);
  increase(counts.statusClasses, `${Math.floor(status / 100)}xx`, 1);
  let bucket = 0;
  while (latencyMs > (LATENCY_BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
  (counts.latency.counts[bucket] as number)++;
  counts.latency.sumMs += latencyMs;
  counts.lastAnswerMs = Date.now();
}

export function countError(counts: OutcomeCounts, code: OutcomeCode): void {
  increase(counts.errors, code, 1);
  if (code.startsWith('dropped-')) counts.dropped++;
}

function increase(into: { [key: string]: number }, key: string, by: number): void {
  into[key] = (into[key] ?? 0) + by;
}

/** The sum of the counters of all destinations. */
export function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sum = emptyCounts();
  for (const one of all) {
    sum.mirrored += one.mirrored;
    sum.dropped += one.dropped;
    sum.resent += one.resent;
    sum.requestBytes += one.requestBytes;
    sum.responseBytes += one.responseBytes;
    for (const key of ['statuses', 'statusClasses', 'errors'] as const)
      for (const [name, count] of Object.entries(one[key])) increase(sum[key], name, count);
    one.latency.counts.forEach((count, i) => {
      (sum.latency.counts[i] as number) += count;
    });
    sum.latency.sumMs += one.latency.sumMs;
    if (one.lastAnswerMs !== undefined) sum.lastAnswerMs = Math.max(sum.lastAnswerMs ?? 0, one.lastAnswerMs);
  }
  return sum;
}
