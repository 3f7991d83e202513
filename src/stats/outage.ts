/** When the errors were: stretches of a timeline in which mirroring was not well. */
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
  /** In order of time; never empty. */
  readonly stretches: readonly Outage[];
  /** What came after the last one, when that is enough to say that it is over. */
  readonly after: Counts | undefined;
}

/**
 * A stretch is over when so many events went well after it that at its own error rate this many of them would have
 * failed, and less than half of those did: a rule that works for a total failure as for one event in a hundred.
 */
const EXPECTED_FAILURES = 10;

/**
 * Joins steps whose error rate is `unhealthyRate` or more into stretches; undefined without such a step.
 * Steps without events belong to whatever is around them.
 */
export function findOutages(timeline: TimelineState, unhealthyRate: number): Outages | undefined {
  const { counts, errors, firstErrors, lastErrors } = timeline;
  const stretches: Outage[] = [];
  let after: Counts = { count: 0, errors: 0 };
  for (const [i, count] of counts.entries()) {
    const failed = errors[i] ?? 0;
    const since = firstErrors[i] ?? null;
    const last = lastErrors[i] ?? null;
    after = { count: after.count + count, errors: after.errors + failed };
    if (count === 0 || failed / count < unhealthyRate || since === null || last === null) continue;
    const current = stretches.at(-1);
    const between = { count: after.count - count, errors: after.errors - failed };
    if (current === undefined || isOver(current, between, unhealthyRate)) {
      stretches.push({ since, last, count, errors: failed });
    } else {
      current.last = last;
      current.count += after.count;
      current.errors += after.errors;
    }
    after = { count: 0, errors: 0 };
  }
  const current = stretches.at(-1);
  if (current === undefined) return undefined;
  return { stretches, after: isOver(current, after, unhealthyRate) ? after : undefined };
}

function isOver(outage: Counts, after: Counts, unhealthyRate: number): boolean {
  const expected = after.count * (outage.errors / outage.count);
  return after.errors < after.count * unhealthyRate && expected >= EXPECTED_FAILURES && after.errors < expected / 2;
}

/** How many events the last steps hold in which every event failed. */
export function failedAtEnd({ counts, errors }: TimelineState): number {
  let failed = 0;
  for (let i = counts.length - 1; i >= 0 && counts[i] === errors[i]; i--) failed += errors[i] ?? 0;
  return failed;
}

/** The shortest end of the timeline that holds this many events. */
export function latest({ counts, errors }: TimelineState, events: number): Counts {
  const end = { count: 0, errors: 0 };
  for (let i = counts.length - 1; i >= 0 && end.count < events; i--) {
    end.count += counts[i] ?? 0;
    end.errors += errors[i] ?? 0;
  }
  return end;
}
