import {
  type Condition,
  isCrossed,
  isRefusal,
  type MetricName,
  type Operator,
  readCondition,
} from '../options/threshold.ts';
import type { Histogram } from '../sketch/histogram.ts';
import { countRefused } from '../status/mirror-errors.ts';
import { formatAmount, formatPercent } from '../text/numbers.ts';
import { timeText } from '../text/times.ts';
import type { Aggregator } from './aggregator.ts';
import { errorRateOf, type ReadSource, readingOfAgent } from './completeness.ts';
import { ThresholdError } from './errors.ts';
import { GroupTally } from './group-tally.ts';
import { type MirrorRecordTally, type MirrorTally, PER_MS } from './mirror-tally.ts';
import { countSent } from './mirror-verdict.ts';
import type { Group, ThresholdResult } from './model.ts';
import { type FoundSilence, silentOne } from './silence.ts';
import { describeUnread, type UnreadEvents } from './unread.ts';

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, 'p99.9': 0.999, p999: 0.999 } as const;
type LatencyMetric = keyof typeof QUANTILES | 'max';

/** A parsed `--fail-on`. `limit` is a ratio for the rates and ms for the others. */
export interface Threshold {
  readonly expression: string;
  /** The only agent that it is about, or for metrics of the mirror the only destination. */
  readonly scope: string | undefined;
  readonly metric: MetricName<'summarize'>;
  readonly operator: Operator;
  readonly limit: number;
}

/** Whether the metric is read from the agent's record. */
function isOfMirror({ metric }: Threshold): boolean {
  return metric === 'dropped' || metric.startsWith('mirror-');
}

/** Whether what an expression is about is a ratio: the others are milliseconds. */
export function isRate(expression: string): boolean {
  return /(?:error-rate|mirror-refused|dropped)\s*[<>]/.test(expression);
}

/** The first threshold about an agent, where groups made of `by` do not tell agents apart. */
export function scopeWithoutGroup(thresholds: readonly Threshold[], by: readonly string[]): Threshold | undefined {
  if (by.includes('agent')) return undefined;
  return thresholds.find((threshold) => threshold.scope !== undefined && !isOfMirror(threshold));
}

/**
 * Reads `error-rate>1%`, `p99>50ms`, `mirror:p99>=0.05s`, `mirror-p99>1s`, `dropped>0`.
 * @throws ThresholdError `bad-threshold`
 */
export function parseThreshold(text: string): Threshold {
  const read = readCondition('summarize', '--fail-on', text);
  if (isRefusal(read)) throw new ThresholdError(`${read.problem}; ${read.hint}`);
  return thresholdOf(read);
}

export function thresholdOf({
  expression,
  scope,
  name: metric,
  operator = '>',
  limit = 0,
}: Condition<MetricName<'summarize'>>): Threshold {
  return { expression, scope, metric, operator, limit };
}

export interface ThresholdEvidence {
  readonly aggregator: Aggregator;
  readonly sources: readonly ReadSource[];
  readonly total: Group;
  readonly pT: Histogram;
  readonly mirror: MirrorRecordTally | undefined;
  /** Why the record is not the whole story, by destination and of all (undefined). */
  readonly doubts?: ReadonlyMap<string | undefined, string> | undefined;
  /** Lines of events that could not be read. */
  readonly unread?: UnreadEvents | undefined;
  /** What is known to be missing, in words. */
  readonly missing?: string | undefined;
  /** Silences because of which nothing is known of now. */
  readonly silences: readonly FoundSilence[];
  /** Destinations that get nothing, while others do. */
  readonly silentDestinations: readonly FoundSilence[];
}

/**
 * Holds the thresholds against a summary. Fewer events than `minEvents`, or a value that is not known, crosses:
 * no evidence is not a pass.
 */
export function evaluateThresholds(
  thresholds: readonly Threshold[],
  evidence: ThresholdEvidence,
  minEvents: number,
): ThresholdResult[] {
  return thresholds.map((threshold) => {
    if (isOfMirror(threshold)) return evaluateOfMirror(threshold, evidence, minEvents);
    const scope = scopeOf(threshold, evidence);
    const observed = observe(threshold, scope);
    const reason =
      doubt(threshold, scope, observed, minEvents) ?? evidence.missing ?? silenceOf(threshold, evidence.silences);
    if (reason !== undefined || observed === null || evidence.unread === undefined)
      return hold(threshold, observed, reason);
    const { unread } = evidence;
    const isDoubtful = !crosses(threshold, observed) && mayCross(threshold, scope, unread);
    return hold(
      threshold,
      observed,
      isDoubtful
        ? `${describeUnread(unread)}: with them it may be ${threshold.operator.startsWith('>') ? 'more' : 'less'}`
        : undefined,
    );
  });
}

/** @param reason why there is no telling: then it counts as crossed */
function hold(threshold: Threshold, observed: number | null, reason?: string): ThresholdResult {
  const { expression } = threshold;
  const crossed = observed === null || reason !== undefined || crosses(threshold, observed);
  return { expression, observed, crossed, ...(reason !== undefined && { reason }) };
}

function crosses({ limit, operator }: Threshold, observed: number): boolean {
  return isCrossed(observed, operator, limit);
}

/** Whether it would be crossed if what was not read had failed, or was slow; of a lower limit: had not, or was fast. */
function mayCross(threshold: Threshold, { count, errorRate }: Scope, { unread }: UnreadEvents): boolean {
  const { metric } = threshold;
  const isUpper = threshold.operator.startsWith('>');
  if (metric === 'error-rate')
    return crosses(threshold, ((errorRate ?? 0) * count + (isUpper ? unread : 0)) / (count + unread));
  if (metric === 'max') return isUpper;
  const quantile = QUANTILES[metric as keyof typeof QUANTILES];
  return unread / (count + unread) > (isUpper ? 1 - quantile : quantile);
}

/** The silence because of which a threshold does not pass, if any. */
function silenceOf({ scope }: Threshold, silences: readonly FoundSilence[]): string | undefined {
  const silence = silences.find(({ agent }) => scope === undefined || agent === undefined || agent === scope);
  return silence && describeSilence(silence);
}

function describeSilence(silence: FoundSilence): string {
  const who = silentOne(silence);
  const since = silence.since === null ? '' : ` since ${timeText(silence.since)}`;
  return `${who === '' ? 'silent' : `${who} is silent`}${since}: nothing is known of now`;
}

function evaluateOfMirror(
  threshold: Threshold,
  { mirror: record, doubts, silentDestinations }: ThresholdEvidence,
  minEvents: number,
): ThresholdResult {
  const { scope, metric } = threshold;
  const unknown = (reason: string) => hold(threshold, null, reason);
  if (record === undefined) return unknown('it is about the mirror: name the record of the agent with --record');
  const tally =
    scope === undefined ? record.total() : record.destinations.find(({ destination }) => destination === scope)?.tally;
  if (tally === undefined) return unknown(`no request to ${scope} in the record`);
  const { count, errors, dropped } = countSent(tally);
  const of = metric === 'dropped' ? count + dropped : count;
  if (of < minEvents)
    return unknown(`${formatAmount(of, 'request')}, fewer than the ${minEvents} that --min-events requires`);
  const observed = observeMirror(metric, tally, of, { dropped, errors });
  if (observed === null) return unknown(count === 0 ? 'no request was sent to the mirror' : 'no answer has a time');
  const silent = silentDestinations.find(({ destination }) => scope === undefined || destination === scope);
  return hold(threshold, observed, doubts?.get(scope) ?? (silent && describeSilence(silent)));
}

function observeMirror(
  metric: Threshold['metric'],
  tally: MirrorTally,
  of: number,
  { dropped, errors }: { readonly dropped: number; readonly errors: number },
): number | null {
  const rate = (bad: number) => (of === 0 ? null : bad / of);
  if (metric === 'dropped') return rate(dropped);
  if (metric === 'mirror-error-rate') return rate(errors);
  if (metric === 'mirror-refused') return rate(countRefused(tally.statuses));
  const name = metric.slice('mirror-'.length) as LatencyMetric;
  if (name === 'max') return tally.latency.count === 0 ? null : tally.latency.max / PER_MS;
  const value = tally.latency.quantile(QUANTILES[name]);
  return value === null ? null : value / PER_MS;
}

interface Scope {
  readonly count: number;
  readonly errorRate: number | null;
  readonly errorRateLowerBound?: number;
  readonly pT: Histogram;
  /** False when events of this scope may be counted elsewhere, as (other). */
  readonly complete: boolean;
}

function scopeOf({ scope: agent }: Threshold, evidence: ThresholdEvidence): Scope {
  return agent === undefined ? { ...evidence.total, pT: evidence.pT, complete: true } : ofAgent(agent, evidence);
}

/** All groups of one agent. Groups by host or the like do not know their agent: the caller refuses that beforehand. */
function ofAgent(agent: string, { aggregator, sources }: ThresholdEvidence): Scope {
  const sum = new GroupTally();
  for (const { key, tally } of aggregator.grouping.groups()) if (key.agent === agent) sum.merge(tally.toState());
  const rate = errorRateOf(sum, readingOfAgent(agent, aggregator, sources));
  return { count: sum.count, ...rate, pT: sum.pT, complete: !aggregator.grouping.overflowed };
}

function observe({ metric }: Threshold, scope: Scope): number | null {
  if (!scope.complete) return null;
  if (metric === 'error-rate') return scope.errorRate;
  if (metric === 'max') return scope.pT.count === 0 ? null : scope.pT.max;
  return scope.pT.quantile(QUANTILES[metric as keyof typeof QUANTILES]);
}

/** Why it is not known whether the threshold was crossed; then it counts as crossed. */
function doubt(
  { scope: agent, metric }: Threshold,
  { count, complete, errorRateLowerBound }: Scope,
  observed: number | null,
  minEvents: number,
): string | undefined {
  const whose = agent === undefined ? '' : ` of agent ${agent}`;
  if (!complete) return `events${whose} may be among those counted as (other)`;
  if (count < minEvents)
    return `${formatAmount(count, 'event')}${whose}, fewer than the ${minEvents} that --min-events requires`;
  if (observed !== null) return undefined;
  if (count === 0) return `no event${whose} to judge by`;
  if (metric !== 'error-rate') return `no event${whose} has this timer`;
  const bound = errorRateLowerBound === undefined ? '' : ` it is at least ${formatPercent(errorRateLowerBound)}:`;
  return `the error rate is not known:${bound} successes may have no line`;
}
