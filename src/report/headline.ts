/** The first line of a report: how it is, since when, and what part of what failed. */
import type {
  Group,
  LastMinuteCounts,
  Mirror,
  MirrorGroup,
  MirrorTrait,
  MirrorUnanswered,
  Silence,
  Summary,
} from '../stats/model.ts';
import { silentOne } from '../stats/silence.ts';
import { failuresOf, isRefusal } from '../status/mirror-errors.ts';
import { durationInWords, formatAmount, formatCount, formatMs, formatPercent } from '../text/numbers.ts';
import { formatTime } from '../text/times.ts';
import { hasLog } from './screen-health.ts';

const WORTH_A_WORD = 0.01;
/** With this many events, the last minute says more than all others. */
const ENOUGH_NOW = 5;

/** `FAILING since 2026-11-22 07:02:28Z — 100 % of 3 events failed`, without colour or escape. */
export function verdictLine(summary: Summary, dash = '—'): string {
  const { status, since, until, silence, haproxy } = summary.verdict;
  const isSilent = silence !== undefined && (haproxy === undefined || status !== 'failing');
  if (isSilent) return silenceLine(silence, summary, dash);
  const period =
    until === undefined ? `since ${formatTime(since)}` : `from ${formatTime(since)} to ${formatTime(until)}, recovered`;
  const start = since === null ? '' : ` ${period}`;
  return `${status.toUpperCase()}${start} ${dash} ${aside(summary)}${headline(summary)}`;
}

/** The text before the events: HAProxy's own words, and how much could not be read. */
function aside({ verdict }: Summary): string {
  const { haproxy, unread } = verdict;
  const own = haproxy === undefined ? '' : `${haproxy}; `;
  return unread === undefined ? own : `${own}${unread.unread} of ${unread.all} SPOE lines were not read; `;
}

/** `SILENT since 2026-11-22 07:10:00Z — traffic, but nothing mirrored since (40 lines); until then 3 % of 200 events failed`. */
function silenceLine(silence: Silence, summary: Summary, dash: string): string {
  const { since, traffic, lines } = silence;
  const who = silentOne(silence);
  const period = since === null ? '' : ` since ${formatTime(since)}`;
  if (who !== '')
    return `SILENT${period} ${dash} ${who}: nothing mirrored since, others go on; of all ${headline(summary)}`;
  const what = traffic
    ? `traffic, but nothing mirrored since (${formatAmount(lines, 'line')})`
    : `no ${hasLog(summary) ? 'event' : 'request'} comes any more`;
  return `SILENT${period} ${dash} ${what}; until then ${headline(summary)}`;
}

/** The subject of the verdict in a few words: both halves where both are known. */
function headline(summary: Summary): string {
  const { mirror } = summary;
  if (mirror === undefined) return eventHeadline(summary);
  const ofMirror = `mirror: ${isOfBefore(summary, mirror) ? 'until then ' : ''}${mirrorHeadline(mirror)}`;
  return hasLog(summary) ? `${eventHeadline(summary)}; ${ofMirror}` : ofMirror;
}

/** The record ends where the events begin to fail: what it says is of a time that is over. */
function isOfBefore({ verdict }: Summary, { status, window, total }: Mirror): boolean {
  if (verdict.since === null || verdict.failedInARow === undefined || total.requests === 0) return false;
  return status === 'healthy' && window.to !== null && Date.parse(window.to) <= Date.parse(verdict.since) + CLOCK_MS;
}

/** The resolution of most logs: whole seconds. */
const CLOCK_MS = 2000;

function eventHeadline({ total, verdict, input }: Summary): string {
  if (total.count === 0) return input.filtered > 0 ? 'the filters left no event' : 'no SPOE event found';
  const { pT } = total.timers;
  const { lastMinute, failedInARow } = verdict;
  if (failedInARow !== undefined) return `all of the last ${formatAmount(failedInARow, 'event')} failed`;
  if (lastMinute !== undefined && isWorseNow(lastMinute, total.errorRate))
    return `${formatPercent(lastMinute.errorRate)} of ${formatAmount(lastMinute.count, 'event')} of the last minute failed`;
  if (total.errors > 0 || verdict.slow !== true || pT === undefined) return failedShare(total);
  return `no errors, but slow: pT p50 ${formatMs(pT.p50)} ms, p99 ${formatMs(pT.p99)} ms`;
}

/** `100 % of 40 requests failed (connect-refused 40)`, and whatever else is wrong of now. */
function mirrorHeadline(mirror: Mirror): string {
  if (mirror.total.requests === 0) return 'nothing is known';
  const words: { readonly [trait in MirrorTrait]: string } = {
    refuses: `answers ${refusalsOf(mirror.total)}`,
    slow: `slow, p99 ${formatMs(mirror.total.latency.p99)} ms`,
    drops: `${formatCount(mirror.total.dropped)} never sent`,
    refused: `answered ${refusalsOf(mirror.total)}`,
    dropped: `${formatCount(mirror.total.dropped)} were never sent`,
    ends: describeEnd(mirror),
    unanswered: describeUnanswered(mirror.unanswered ?? []),
    unread: `${formatCount(mirror.unread)} of ${formatAmount(mirror.lines, 'line')} not read`,
  };
  const traits = mirror.traits.map((trait) => words[trait]);
  // A request without an answer says more than that all before it had one.
  const said =
    mirror.unanswered === undefined ? [failedOfMirror(mirror), ...traits] : [...traits, failedOfMirror(mirror)];
  return said.join(', ');
}

/** `nothing is known since 2026-11-22 07:01:39Z (200 requests)`, of the destination that ends first. */
function describeEnd({ unanswered = [], window }: Mirror): string {
  const worst = longest(unanswered);
  if (worst === undefined) return `nothing is known since ${formatTime(window.to)}`;
  const { destination, since, requests } = worst;
  const of = destination === undefined ? '' : ` of ${destination}`;
  return `nothing is known${of} since ${formatTime(since)} (${formatAmount(requests, 'request')})`;
}

/** `no answer for 2.6 s (104 requests)`, of the destination that has waited longest. */
function describeUnanswered(unanswered: readonly MirrorUnanswered[]): string {
  const worst = longest(unanswered);
  if (worst === undefined) return 'no answer';
  const { destination, seconds, requests } = worst;
  const of = destination === undefined ? '' : ` of ${destination}`;
  return `no answer${of} for ${durationInWords(seconds * 1000)} (${formatAmount(requests, 'request')})`;
}

function longest(unanswered: readonly MirrorUnanswered[]): MirrorUnanswered | undefined {
  return [...unanswered].sort((a, b) => b.seconds - a.seconds)[0];
}

/** The failures of the worst destination, where it is far worse than all together. */
function failedOfMirror({ total, destinations }: Mirror): string {
  const worst = [...destinations].sort((a, b) => (b.errorRate ?? 0) - (a.errorRate ?? 0))[0];
  const isWorse = worst !== undefined && (worst.errorRate ?? 0) > 1.5 * (total.errorRate ?? 0);
  const { answered, failed, errorRate, lastMinute, failedInARow, requests, errors, status } = isWorse ? worst : total;
  const to = isWorse ? ` to ${worst.destination}` : '';
  const sent = answered + failed;
  if (sent === 0) return `none of ${formatAmount(requests, 'request')}${to} was sent`;
  const isNow = lastMinute !== undefined && isWorseNow(lastMinute, errorRate);
  const [rate, of] = isNow
    ? [lastMinute.errorRate, `${formatAmount(lastMinute.count, 'request')} of the last minute`]
    : [errorRate, formatAmount(sent, 'request')];
  // The most frequent failure.
  const [top] = failuresOf<{ readonly count: number }>(status, errors);
  const what = top === undefined || top.count / sent < WORTH_A_WORD ? '' : ` (${top.code} ${formatCount(top.count)})`;
  if (failedInARow !== undefined) return `all of the last ${formatAmount(failedInARow, 'request')}${to} failed${what}`;
  return `${rate === 0 ? 'none' : formatPercent(rate)} of ${of}${to} failed${what}`;
}

/** `404 3000, 302 20`: redirects and client errors, the most frequent first. */
function refusalsOf({ status }: MirrorGroup): string {
  const refusals = status.filter((entry) => isRefusal(entry.status)).slice(0, 2);
  return refusals.map((entry) => `${entry.status} ${formatCount(entry.count)}`).join(', ');
}

/** The last minute is what the verdict is about when it is worse than the whole. */
function isWorseNow({ count, errorRate }: LastMinuteCounts, overall: number | null): boolean {
  return (
    count >= ENOUGH_NOW && errorRate !== null && overall !== null && errorRate > overall && errorRate >= WORTH_A_WORD
  );
}

/** `100 % of 3 events failed`; says what is known when the rate is not. */
function failedShare(total: Group): string {
  const { count, errors, errorRate, errorRateLowerBound } = total;
  if (errorRate !== null) {
    const share = errors === 0 ? 'none' : formatPercent(errorRate);
    return `${share} of ${formatAmount(count, 'event')} failed`;
  }
  const bound = errorRateLowerBound === undefined ? '' : `, at least ${formatPercent(errorRateLowerBound)} of all`;
  return `${errors} of ${formatAmount(count, 'logged event')} failed${bound}`;
}
