import type { Histogram } from '../sketch/histogram.ts';
import type { Aggregator } from './aggregator.ts';
import { errorRateOf, type ReadSource, readingOfAgent } from './completeness.ts';
import { GroupTally } from './group-tally.ts';
import type { Group, ThresholdResult } from './model.ts';
import { events, percent } from './words.ts';

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, 'p99.9': 0.999, p999: 0.999 } as const;
type LatencyMetric = keyof typeof QUANTILES | 'max';

/** A parsed `--fail-on`. `limit` is a ratio for error-rate and ms for the others. */
export interface Threshold {
  readonly expression: string;
  readonly agent: string | undefined;
  readonly metric: 'error-rate' | LatencyMetric;
  readonly orEqual: boolean;
  readonly limit: number;
}

export class ThresholdError extends Error {
  override readonly name = 'ThresholdError';
  readonly code = 'bad-threshold';
}

const EXPRESSION =
  /^(?:(.+):)?\s*(error-rate|p50|p90|p95|p99|p99\.9|p999|max)\s*(>=?)\s*(\d+(?:\.\d+)?)\s*(%|us|ms|s|)$/;
const MS_PER_UNIT: { readonly [unit: string]: number } = { us: 0.001, ms: 1, '': 1, s: 1000 };

/** Reads `error-rate>1%`, `p99>50ms`, `mirror:p99>=0.05s`. Throws ThresholdError (bad-threshold). */
export function parseThreshold(expression: string): Threshold {
  const match = EXPRESSION.exec(expression.trim());
  const [, agent, metric, operator, number, unit = ''] = match ?? [];
  const isRate = metric === 'error-rate';
  if (match === null || (isRate ? unit !== '%' && unit !== '' : unit === '%')) {
    throw new ThresholdError(
      `cannot read the threshold ${JSON.stringify(expression)}; write 'error-rate>1%', 'p99>50ms' or 'mirror:p99>50ms'`,
    );
  }
  const limit = Number(number) * (isRate ? (unit === '%' ? 0.01 : 1) : (MS_PER_UNIT[unit] ?? 1));
  return {
    expression: expression.trim(),
    agent,
    metric: metric as Threshold['metric'],
    orEqual: operator === '>=',
    limit,
  };
}

export interface ThresholdEvidence {
  readonly aggregator: Aggregator;
  readonly sources: readonly ReadSource[];
  readonly total: Group;
  readonly pT: Histogram;
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
    const scope = scopeOf(threshold, evidence);
    const observed = observe(threshold, scope);
    const reason = doubt(threshold, scope, observed, minEvents);
    const { expression, limit, orEqual } = threshold;
    if (reason !== undefined || observed === null)
      return { expression, observed, crossed: true, ...(reason && { reason }) };
    return { expression, observed, crossed: orEqual ? observed >= limit : observed > limit };
  });
}

interface Scope {
  readonly count: number;
  readonly errorRate: number | null;
  readonly errorRateLowerBound?: number;
  readonly pT: Histogram;
  /** False when events of this scope may be counted elsewhere, as (other). */
  readonly complete: boolean;
}

function scopeOf({ agent }: Threshold, evidence: ThresholdEvidence): Scope {
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
  return scope.pT.quantile(QUANTILES[metric]);
}

/** Why there is no telling whether the threshold was crossed; then it counts as crossed. */
function doubt(
  { agent, metric }: Threshold,
  { count, complete, errorRateLowerBound }: Scope,
  observed: number | null,
  minEvents: number,
): string | undefined {
  const whose = agent === undefined ? '' : ` of agent ${agent}`;
  if (!complete) return `events${whose} may be among those counted as (other)`;
  if (count < minEvents) return `${events(count)}${whose}, fewer than the ${minEvents} that --min-events requires`;
  if (observed !== null) return undefined;
  if (count === 0) return `no event${whose} to judge by`;
  if (metric !== 'error-rate') return `no event${whose} has this timer`;
  const bound = errorRateLowerBound === undefined ? '' : ` it is at least ${percent(errorRateLowerBound)}:`;
  return `the error rate is not known:${bound} successes may have no line`;
}
