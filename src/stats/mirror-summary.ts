/** The mirror's half of a summary. */
import { describeMirrorError } from '../status/mirror-errors.ts';
import { describeSeen, describeTimeline, describeTimer, isoTime } from './describe.ts';
import { type MirrorRecordTally, type MirrorTally, PER_MS } from './mirror-tally.ts';
import { countSent, type MirrorJudgement } from './mirror-verdict.ts';
import type { LastMinuteCounts, Mirror, MirrorGroup } from './model.ts';

const MINUTE_MS = 60_000;

export function describeMirror(record: MirrorRecordTally, { status, traits, unanswered }: MirrorJudgement): Mirror {
  const { files, lines, unread, filtered, destinations } = record;
  const total = record.total();
  const { from, to } = total;
  const hasTimes = from <= to;
  const seconds = hasTimes ? (to - from) / 1000 : null;
  const named = destinations.filter(({ destination }) => destination !== '');
  return {
    files: [...files],
    lines,
    unread,
    filtered,
    window: { from: isoTime(hasTimes ? from : null), to: isoTime(hasTimes ? to : null), seconds },
    status,
    traits,
    ...(unanswered && {
      unanswered: unanswered.map(({ destination, since, forMs, requests }) => ({
        ...(destination !== '' && { destination }),
        since: isoTime(since),
        seconds: forMs / 1000,
        requests,
      })),
    }),
    total: describeGroup(total, seconds),
    destinations: named.map(({ destination, tally }) => ({ destination, ...describeGroup(tally, seconds) })),
  };
}

function describeGroup(tally: MirrorTally, seconds: number | null): MirrorGroup {
  const { count, answered, failed, errors, dropped, sampledOut } = countSent(tally);
  const lastMinute = lastMinuteOf(tally);
  const timeline = describeTimeline(tally.troubles.failed.timeline.toState());
  return {
    requests: tally.requests,
    answered,
    failed,
    dropped,
    sampledOut,
    errorRate: count === 0 ? null : errors / count,
    perSecond: seconds === null ? null : tally.requests / Math.max(seconds, 1),
    ...(lastMinute && { lastMinute }),
    status: tally.statuses.map(({ status, count: times, first, last }) => ({
      status,
      count: times,
      share: times / answered,
      ...describeSeen(first, last),
    })),
    errors: tally.errors.map(({ error, count: times, first, last }) => {
      const known = describeMirrorError(error);
      return {
        error,
        count: times,
        ...(known && { meaning: known.meaning, next: known.next }),
        ...describeSeen(first, last),
      };
    }),
    latency: describeTimer(tally.latency, PER_MS),
    ttfb: describeTimer(tally.firstByte, PER_MS),
    requestBytes: tally.requestBytes,
    responseBytes: tally.responseBytes,
    ...(timeline && { timeline }),
  };
}

/** Of requests that were sent, where there is more than a minute of the record. */
function lastMinuteOf({ from, to, troubles }: MirrorTally): LastMinuteCounts | undefined {
  if (!(to - from > MINUTE_MS)) return undefined;
  const { count, errors } = troubles.failed.lastMinute.read(to);
  return { count, errors, errorRate: count === 0 ? null : errors / count };
}
