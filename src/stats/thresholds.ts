import type { Histogram } from '../sketch/histogram.ts';
import type { Aggregator } from './aggregator.ts';
import { GroupTally } from './group-tally.ts';
import type { Group, ThresholdResult } from './model.ts';

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

/**
 * Holds the thresholds against a summary. Fewer events than `minEvents`, or a value that is not known, crosses:
 * no evidence is not a pass.
 */
export function evaluateThresholds(
  thresholds: readonly Threshold[],
  aggregator: Aggregator,
  total: Group,
  minEvents: number,
): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const scope =
      threshold.agent === undefined ? { ...total, pT: aggregator.total().pT } : ofAgent(threshold.agent, aggregator);
    const observed = observe(threshold, scope);
    const { expression } = threshold;
    if (scope.count < minEvents)
      return {
        expression,
        observed,
        crossed: true,
        reason: `${scope.count} events are fewer than the required ${minEvents}`,
      };
    if (observed === null) return { expression, observed, crossed: true, reason: 'the value is not known' };
    return {
      expression,
      observed,
      crossed: threshold.orEqual ? observed >= threshold.limit : observed > threshold.limit,
    };
  });
}

interface Scope {
  readonly count: number;
  readonly errorRate: number | null;
  readonly pT: Histogram;
}

/** All groups of one agent. Groups by host or the like do not know their agent: the caller refuses that beforehand. */
function ofAgent(agent: string, aggregator: Aggregator): Scope {
  const sum = new GroupTally();
  for (const { key, tally } of aggregator.grouping.groups()) if (key.agent === agent) sum.merge(tally.toState());
  return { count: sum.count, errorRate: sum.count === 0 ? null : sum.errors / sum.count, pT: sum.pT };
}

function observe({ metric }: Threshold, scope: Scope): number | null {
  if (metric === 'error-rate') return scope.errorRate;
  if (metric === 'max') return scope.pT.count === 0 ? null : scope.pT.max;
  return scope.pT.quantile(QUANTILES[metric]);
}
