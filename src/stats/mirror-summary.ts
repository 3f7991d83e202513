/** The mirror's half of a summary. */
import { describeMirrorError } from '../status/mirror-errors.ts';
import { describeLastMinute, describeSeen, describeTimeline, describeTimer, isoTime } from './describe.ts';
import { type MirrorRecordTally, type MirrorTally, PER_MS } from './mirror-tally.ts';
import { countSent, type MirrorJudgement } from './mirror-verdict.ts';
import type { Mirror, MirrorGroup } from './model.ts';
import { failedInARow } from './outage.ts';
import { rateSeconds, stepsOfTimeline } from './rate-seconds.ts';

export function describeMirror(record: MirrorRecordTally, { status, traits, unanswered }: MirrorJudgement): Mirror {
  const { files, lines, unread, filtered, destinations, window } = record;
  const seconds = window === undefined ? null : (window.to - window.from) / 1000;
  const all = record.total();
  const timeline = all.troubles.failed.timeline.toState();
  const ofRate = window === undefined || timeline === undefined ? null : rateSeconds(window, stepsOfTimeline(timeline));
  const named = destinations.filter(({ destination }) => destination !== '');
  return {
    files: [...files],
    lines,
    unread,
    filtered,
    window: { from: isoTime(window?.from ?? null), to: isoTime(window?.to ?? null), seconds },
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
    total: describeGroup(all, ofRate),
    destinations: named.map(({ destination, tally }) => ({ destination, ...describeGroup(tally, ofRate) })),
  };
}

function describeGroup(tally: MirrorTally, seconds: number | null): MirrorGroup {
  const { count, answered, failed, errors, dropped, sampledOut } = countSent(tally);
  const { failed: failures } = tally.troubles;
  const lastMinute = describeLastMinute(failures.lastMinute, tally);
  const inARow = failedInARow({ count, errors }, tally.troubles.failed.ending);
  const timeline = describeTimeline(failures.timeline.toState());
  return {
    requests: tally.requests,
    answered,
    failed,
    dropped,
    sampledOut,
    errorRate: count === 0 ? null : errors / count,
    perSecond: seconds === null ? null : tally.requests / Math.max(seconds, 1),
    ...(inARow !== undefined && { failedInARow: inARow }),
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
