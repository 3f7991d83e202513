/** This summary against a saved one: what changed, what chance explains as well, and what cannot be compared at all. */
import { compareRates, type FailedOf, type RateDifference } from '../../diff/rate-difference.ts';
import type { HistoryView } from '../../stats/history-view.ts';
import type { Group, GroupKey, KeyedGroup, Mirror, MirrorGroup, Summary, TimerStats } from '../../stats/model.ts';
import { formatAmount, formatDuration } from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import { keyColumns } from '../group-keys.ts';
import { windowOf } from '../screen-verdict.ts';

/** A summary of another time. */
export interface Baseline {
  /** The file it was read from. */
  readonly name: string;
  readonly summary: Summary;
  readonly history?: HistoryView | undefined;
}

export interface GroupChange {
  readonly key: GroupKey;
  readonly before: Group | undefined;
  readonly now: Group | undefined;
}

/** Fewer events than this say nothing about a rate. */
const FEWEST = 30;
/** How many events a quantile takes, so that it is not the slowest event alone. */
const FEWEST_FOR = { p50: 10, p95: 100, p99: 500 } as const;

/** The difference of two error rates; undefined where one of them is not known. */
export function rateChange(before: Group | undefined, now: Group | undefined): RateDifference | undefined {
  const [first, second] = [failedOf(before), failedOf(now)];
  return first === undefined || second === undefined ? undefined : compareRates(first, second);
}

function failedOf(group: Group | undefined): FailedOf | undefined {
  if (group === undefined || group.count === 0 || group.errorRate === null) return undefined;
  // Events without a line are in the rate, but not in the count.
  const count = group.errors === 0 ? group.count : Math.round(group.errors / group.errorRate);
  return { errors: group.errors, count: Math.max(count, group.errors) };
}

export function mirrorRateChange(before: Mirror | undefined, now: Mirror | undefined): RateDifference | undefined {
  const [first, second] = [sentOf(before?.total), sentOf(now?.total)];
  return first === undefined || second === undefined ? undefined : compareRates(first, second);
}

function sentOf(group: MirrorGroup | undefined): FailedOf | undefined {
  if (group === undefined || group.errorRate === null) return undefined;
  const count = group.answered + group.failed;
  return count === 0 ? undefined : { count, errors: Math.round(group.errorRate * count) };
}

/** A quantile in ms, where there were enough events for it. */
export function quantileOf(timer: TimerStats | undefined, name: 'p50' | 'p95' | 'p99'): number | undefined {
  if (timer === undefined || timer.count < FEWEST_FOR[name]) return undefined;
  return timer[name] ?? undefined;
}

/** Groups of both summaries by their key, the worst of now first; undefined where groups are made of other things. */
export function groupChanges(now: Summary, before: Summary): GroupChange[] | undefined {
  const keysOf = (summary: Summary) => (summary.groups.length === 0 ? '' : keyColumns(summary).join());
  if (now.groups.length === 0 || before.groups.length === 0 || keysOf(now) !== keysOf(before)) return undefined;
  const text = ({ key }: KeyedGroup) =>
    JSON.stringify([key.agent, key.type, key.name, key.host, key.pid, key.st, key.other]);
  const known = new Map(before.groups.map((group) => [text(group), group]));
  const changes: GroupChange[] = now.groups.map((group) => {
    const other = known.get(text(group));
    known.delete(text(group));
    return { key: group.key, before: other, now: group };
  });
  for (const group of known.values()) changes.push({ key: group.key, before: group, now: undefined });
  const errors = ({ before: first, now: second }: GroupChange) => second?.errors ?? first?.errors ?? 0;
  return changes.sort((a, b) => errors(b) - errors(a));
}

/** Why some of it cannot be compared, or not fully: one sentence each. */
export function comparisonDoubts(now: Summary, { summary: before }: Baseline): string[] {
  const doubts: string[] = [];
  const [mine, its] = [windowOf(now), windowOf(before)];
  for (const [name, { total }] of [
    ['the baseline', before],
    ['this summary', now],
  ] as const) {
    if (total.count < FEWEST)
      doubts.push(`${name} has ${formatAmount(total.count, 'event')}: too few to compare rates`);
    if (total.count > 0 && total.errorRate === null)
      doubts.push(`the error rate of ${name} is not known, as successes are not logged: rates cannot be compared`);
  }
  if (isOverlapping(mine, its))
    doubts.push('both are of the same time in part: events of that time are in both, which hides a difference');
  else if (mine.from !== null && its.from !== null && mine.from < its.from)
    doubts.push('the baseline is the later one: what is called before comes after');
  if (mine.seconds !== null && its.seconds !== null && isMuchLonger(mine.seconds, its.seconds))
    doubts.push(
      `${formatDuration(mine.seconds * 1000)} here, ${formatDuration(its.seconds * 1000)} in the baseline: compare rates and quantiles, not counts; a quiet hour is not a day`,
    );
  if (mine.from === null || its.from === null)
    doubts.push('times are not known on both sides, so that rates a second are not either');
  if (now.groups.length > 0 && before.groups.length > 0 && groupChanges(now, before) === undefined)
    doubts.push(
      `groups are of ${keyColumns(before).join(', ')} in the baseline and of ${keyColumns(now).join(', ')} here (--by): they cannot be compared`,
    );
  if ((now.mirror === undefined) !== (before.mirror === undefined))
    doubts.push(
      `the agent's record was read for ${now.mirror === undefined ? 'the baseline' : 'this summary'} only: the mirror's answers cannot be compared`,
    );
  return doubts;
}

function isMuchLonger(a: number, b: number): boolean {
  return Math.max(a, b) > 2 * Math.min(a, b) && Math.max(a, b) > 60;
}

type Window = Summary['window'];

function isOverlapping(a: Window, b: Window): boolean {
  if (a.from === null || a.to === null || b.from === null || b.to === null) return false;
  return a.from < b.to && b.from < a.to;
}

export interface Shifted {
  /** What is added to a time of the baseline, in ms. */
  readonly shiftMs: number;
  readonly words: string;
}

const DAY_MS = 86_400_000;
/** The part of this summary's time that the baseline must cover where both are laid on the same time of day. */
const COVERED = 0.5;

/** How the baseline's charts are laid over these: same time of the week, else of the day, else begin on begin. */
export function shiftOf(now: HistoryView, before: HistoryView): Shifted {
  const [mine, its] = [spanOf(now), spanOf(before)];
  for (const [ms, word] of [
    [7 * DAY_MS, 'week'],
    [DAY_MS, 'day'],
  ] as const) {
    const times = Math.round((mine.from - its.from) / ms);
    const shiftMs = times * ms;
    const covered = Math.min(mine.to, its.to + shiftMs) - Math.max(mine.from, its.from + shiftMs);
    if (times === 0 || covered < COVERED * (mine.to - mine.from)) continue;
    return { shiftMs, words: `moved by ${formatAmount(Math.abs(times), word)}, so that times of day agree` };
  }
  return { shiftMs: mine.from - its.from, words: `from its own beginning, ${formatTime(before.from)}` };
}

function spanOf({ from, seconds, steps }: HistoryView): { readonly from: number; readonly to: number } {
  const start = Date.parse(from);
  return { from: start, to: start + steps.length * seconds * 1000 };
}

/** A figure of the baseline for each step of now; null where it has none. */
export function laidOver(
  now: HistoryView,
  before: HistoryView,
  of: (step: HistoryView['steps'][number]) => number | null,
): (number | null)[] {
  const { shiftMs } = shiftOf(now, before);
  const start = Date.parse(before.from) + shiftMs;
  const from = Date.parse(now.from);
  return now.steps.map((_, i) => {
    const middle = from + (i + 0.5) * now.seconds * 1000;
    const step = before.steps[Math.floor((middle - start) / (before.seconds * 1000))];
    return step === undefined ? null : of(step);
  });
}
