/** When the errors were: stretches of a timeline in which mirroring was not well. */
import type { LastMinute } from './last-minute.ts';
import { partsOfOneRate } from './rate-changes.ts';
import type { TimelineState } from './timeline.ts';

export interface Counts {
  count: number;
  errors: number;
}

export interface Outage extends Counts {
  /** Epoch ms of its first and last error. */
  since: number;
  last: number;
}

export interface Outages {
  /** Stretches in order of time; never empty. */
  readonly stretches: readonly Outage[];
  /** Counts after the last stretch, when they are enough to say that it is over. */
  readonly after: Counts | undefined;
}

/** The error rate from which on mirroring is degraded. */
export const DEGRADED_ERROR_RATE = 0.01;
/** Fewer errors at the end of a log are chance. */
export const RECENT_ERRORS = 3;
/**
 * A stretch is over when so few events failed after it that at its own error rate chance would hardly ever bring that about: a
 * rule that works for a total failure as for one event in a hundred. It is asked at each step and each redraw, so that one
 * in some thousands would be seen every day.
 */
const CHANCE = 1e-5;

/** Joins parts of the timeline that are degraded (of which this part failed) into stretches; undefined without such a part. */
export function findOutages(timeline: TimelineState, rate = DEGRADED_ERROR_RATE): Outages | undefined {
  const stretches: Outage[] = [];
  let after: Counts = { count: 0, errors: 0 };
  for (const { count, errors, since, last } of partsOfOneRate(timeline, rate)) {
    const between = after;
    after = { count: after.count + count, errors: after.errors + errors };
    const current = stretches.at(-1);
    // After a stretch the first few errors are chance, although they are many among the first few events.
    const isFew = current !== undefined && errors < RECENT_ERRORS;
    if (errors / count < rate || isFew || since === null || last === null) continue;
    if (current === undefined || isOver(current, between, rate)) {
      stretches.push({ since, last, count, errors });
    } else {
      current.last = last;
      current.count += after.count;
      current.errors += after.errors;
    }
    after = { count: 0, errors: 0 };
  }
  const current = stretches.at(-1);
  if (current === undefined) return undefined;
  return { stretches, after: isOver(current, after, rate) ? after : undefined };
}

function isOver(outage: Counts, after: Counts, rate: number): boolean {
  const expected = after.count * (outage.errors / outage.count);
  const isFew = after.errors < Math.max(RECENT_ERRORS, after.count * rate);
  return isFew && after.errors < expected / 2 && atMost(after.errors, expected) < CHANCE;
}

/**
 * The probability of so many failures or fewer where so many are expected (Poisson); where fewer than half of 700 failed it is 0 to
 * any precision, and the first term would be.
 */
function atMost(failures: number, expected: number): number {
  if (expected > 700) return 0;
  let term = Math.exp(-expected);
  let sum = term;
  for (let k = 1; k <= failures; k++) {
    term *= expected / k;
    sum += term;
  }
  return sum;
}

/**
 * The end of a log in steps as short as they are known: a step of the timeline may be half an hour in a log of a day,
 * and what began a minute ago is what matters.
 */
export interface Ending {
  readonly timeline: TimelineState;
  readonly lastMinute: LastMinute;
}

/** How many events at the end failed without a success in between, and since when (epoch ms), where that is known. */
export function failedAtEnd({ timeline, lastMinute }: Ending): { readonly count: number; readonly since?: number } {
  const seconds = lastMinute.seconds();
  const well = seconds.findLastIndex(({ count, errors }) => errors < count);
  if (well >= 0) {
    const failed = seconds.slice(well + 1);
    // The failures may have begun in the second of the last success.
    const first = (seconds[well]?.errors ?? 0) > 0 ? seconds[well] : failed[0];
    return { count: sumOf(failed).errors, ...(first && { since: firstErrorFrom(timeline, first.fromMs) }) };
  }
  const { counts, errors } = timeline;
  let count = 0;
  for (let i = counts.length - 1; i >= 0 && counts[i] === errors[i]; i--) count += errors[i] ?? 0;
  // The step that the last minute began in may have successes before it.
  return { count: Math.max(count, sumOf(seconds).errors) };
}

/** The first error at this time or later, where the steps are short enough to tell; else that time. */
function firstErrorFrom({ firstErrors }: TimelineState, ms: number): number {
  return firstErrors.find((first) => first !== null && first >= ms && first < ms + SECOND_MS) ?? ms;
}

const SECOND_MS = 1000;
/** How many failures in a row at the end of a log mean that nothing gets through any more, however well it went before. */
export const DOWN_EVENTS = 5;

/** How many events at the end failed in a row, where that matters: undefined where all did, or few. */
export function failedInARow({ count, errors }: Counts, ending: Ending | undefined): number | undefined {
  if (ending === undefined || errors === count) return undefined;
  const { count: failed } = failedAtEnd(ending);
  return failed >= DOWN_EVENTS ? failed : undefined;
}

/** "Now" is the shortest end of the log that holds this many events. */
const RECENT_EVENTS = 50;

export function latest({ timeline, lastMinute }: Ending): Counts {
  const seconds = lastMinute.seconds();
  const { counts, errors } = timeline;
  const steps =
    sumOf(seconds).count >= RECENT_EVENTS ? seconds : counts.map((count, i) => ({ count, errors: errors[i] ?? 0 }));
  const end = { count: 0, errors: 0 };
  for (let i = steps.length - 1; i >= 0 && end.count < RECENT_EVENTS; i--) {
    end.count += steps[i]?.count ?? 0;
    end.errors += steps[i]?.errors ?? 0;
  }
  return end;
}

/**
 * What came after a stretch, by the second: a step of the timeline that it ended in may go on for half an hour. Undefined where
 * that is not enough to say that it is over.
 */
export function secondsAfter(ending: Ending, outage: Outage): Counts | undefined {
  const after = lastMinuteOf(ending, outage.last);
  return isOver(outage, after, DEGRADED_ERROR_RATE) ? after : undefined;
}

/** The last minute as a whole, or its seconds after a time (epoch ms). */
export function lastMinuteOf({ lastMinute }: Ending, afterMs = Number.NEGATIVE_INFINITY): Counts {
  return sumOf(lastMinute.seconds().filter(({ fromMs }) => fromMs > afterMs));
}

function sumOf(steps: readonly Readonly<Counts>[]): Counts {
  const sum = { count: 0, errors: 0 };
  for (const { count, errors } of steps) {
    sum.count += count;
    sum.errors += errors;
  }
  return sum;
}
