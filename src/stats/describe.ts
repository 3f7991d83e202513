/** Tallies as the model of a summary has them. */
import { type Histogram, quantileOf } from '../sketch/histogram.ts';
import type { LastMinute } from './last-minute.ts';
import type { LastMinuteCounts, Timeline, TimerStats } from './model.ts';
import type { TimelineState } from './timeline.ts';

/** @param perMs what the histogram counts: 1 for milliseconds, 1000 for microseconds */
export function describeTimer(histogram: Histogram, perMs = 1): TimerStats {
  const read = histogram.read();
  const { count, interrupted, sum, min, max } = read;
  const isEmpty = count === 0;
  const toMs = (value: number | null) => (value === null ? null : value / perMs);
  return {
    count,
    interrupted,
    min: isEmpty ? null : min / perMs,
    mean: isEmpty ? null : sum / count / perMs,
    p50: toMs(quantileOf(read, 0.5)),
    p90: toMs(quantileOf(read, 0.9)),
    p95: toMs(quantileOf(read, 0.95)),
    p99: toMs(quantileOf(read, 0.99)),
    p999: toMs(quantileOf(read, 0.999)),
    max: isEmpty ? null : max / perMs,
  };
}

export function describeTimeline(state: TimelineState | undefined): Timeline | undefined {
  if (state === undefined) return undefined;
  const seconds = 2 ** state.widthLog2;
  const from = isoTime(state.first * seconds * 1000);
  return { from, seconds, counts: state.counts, errors: state.errors };
}

const MINUTE_MS = 60_000;

/** The last minute of what came between two times (epoch ms), where that is more than a minute. */
export function describeLastMinute(
  lastMinute: LastMinute,
  { from, to }: { readonly from: number; readonly to: number },
): LastMinuteCounts | undefined {
  if (!(to - from > MINUTE_MS)) return undefined;
  const { count, errors } = lastMinute.read(to);
  return { count, errors, errorRate: count === 0 ? null : errors / count };
}

/** Epoch ms → ISO 8601, UTC, milliseconds. */
export function isoTime(ms: number): string;
export function isoTime(ms: number | null): string | null;
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Both times, only where they are known. */
export function describeSeen(first: number | null, last: number | null): { first?: string; last?: string } {
  return { ...(first !== null && { first: isoTime(first) }), ...(last !== null && { last: isoTime(last) }) };
}
