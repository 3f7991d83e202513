/** The whole report, from what was read. */
import type { Analysis } from './analysis.ts';
import { countBuckets, countComparable, PAIRED } from './buckets.ts';
import { applyGates, type Finding, type Gate, type Observations } from './gates.ts';
import type {
  Correlation,
  Coverage,
  DiffReport,
  DiffSettings,
  ErrorComparison,
  InputReport,
  Sample,
  Warning,
} from './model.ts';
import { type NoiseBaseline, p95RatioOf } from './noise.ts';
import { formatMoment, type RequestLineOptions } from './request-lines.ts';
import {
  type ComparisonOptions,
  type Comparisons,
  compareAll,
  hasRegressed,
  significance,
} from './route-comparisons.ts';
import { chooseSamples } from './samples.ts';
import type { SpoeOutcomes } from './spoe-outcomes.ts';
import { quantile } from './statistics/quantile.ts';
import { decide } from './verdict.ts';

export interface ReportOptions extends RequestLineOptions {
  readonly inputs: readonly InputReport[];
  readonly settings: DiffSettings;
  readonly gates: readonly Gate[];
  readonly noise?: NoiseBaseline;
  readonly version: string;
  /** Mirror lines of other times are not counted as unknown. */
  readonly since?: number;
  readonly until?: number;
  readonly warnings?: readonly Warning[];
}

export function makeReport(analysis: Analysis, options: ReportOptions): DiffReport {
  const comparing: ComparisonOptions = { settings: options.settings, noise: options.noise };
  const comparisons = compareAll(analysis, comparing);
  const { collection, pairing, isUnmatched } = analysis;
  const coverage = makeCoverage(analysis, options);
  const order = comparisons.routes.map(({ number }) => number);
  const rest = analysis.routes.map((_, number) => number).filter((number) => !order.includes(number));
  const found: Found = {
    isUnmatched,
    key: pairing.key,
    betterKey: pairing.better,
    spoe: collection.spoe,
    clockSkewMs: clockSkew(analysis),
    window: windowOf(analysis),
    coverage,
    comparisons,
    generalized: analysis.generalized,
    samples: isUnmatched ? [] : chooseSamples(analysis, [...order, ...rest], options),
  };
  return composeReport(found, options);
}

/** What a comparison found out, whoever counted it. */
export interface Found {
  readonly isUnmatched: boolean;
  readonly key: Correlation['key'];
  /** Another key that would have paired more requests. */
  readonly betterKey: Correlation['key'] | undefined;
  readonly spoe: SpoeCounts;
  readonly clockSkewMs: number | null;
  readonly window: DiffReport['window'];
  readonly coverage: Coverage;
  readonly comparisons: Comparisons;
  readonly generalized: NonNullable<DiffReport['generalized']>;
  readonly samples: readonly Sample[];
}

export type SpoeCounts = Pick<SpoeOutcomes, 'agent' | 'lines' | 'failed' | 'otherAgents' | 'isUsable'>;

/** From what was found to the verdict on it. */
export function composeReport(found: Found, options: ReportOptions): DiffReport {
  const { comparisons, coverage, isUnmatched } = found;
  const { settings } = options;
  const verdict = decide({
    gates: applyGates(options.gates, observe(found, options)),
    pairs: comparisons.errors.n * (isUnmatched ? 0 : 1),
    upperBound: upperBoundOf(comparisons, { settings, noise: options.noise }),
    margin: settings.margin,
  });
  return {
    schema: 'spoe-logs/diff-report/1',
    tool: { name: 'spoe-logs', version: options.version },
    window: found.window,
    inputs: options.inputs,
    correlation: {
      mode: isUnmatched ? 'unmatched' : 'paired',
      key: found.key,
      clockSkewMs: found.clockSkewMs,
      mirrorDuplicatePolicy: settings.mirrorDuplicates,
    },
    coverage,
    verdict,
    errors: comparisons.errors,
    routes: comparisons.routes.map(({ number, ...route }) => route),
    transitions: comparisons.transitions,
    latency: comparisons.latency,
    samples: found.samples,
    warnings: [...(options.warnings ?? []), ...makeWarnings(found)],
    ...(found.generalized.length > 0 && { generalized: found.generalized }),
    settings,
  };
}

function windowOf({ collection }: Analysis): DiffReport['window'] {
  const { time, size } = collection.production;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < size; row++) {
    const moment = time.at(row);
    if (moment < from) from = moment;
    if (moment > to) to = moment;
  }
  return to < from ? { from: null, to: null } : { from: formatMoment(from), to: formatMoment(to) };
}

function clockSkew({ collection, pairing, buckets }: Analysis): number | null {
  const { production, mirror } = collection;
  const skews = new Float64Array(production.size);
  let used = 0;
  for (let row = 0; row < production.size; row++) {
    if (buckets[row] !== PAIRED) continue;
    const skew = mirror.time.at(pairing.answerOf[row] as number) - production.time.at(row);
    if (!Number.isNaN(skew)) skews[used++] = skew;
  }
  return used === 0 ? null : quantile(skews.subarray(0, used), 0.5);
}

function makeCoverage(analysis: Analysis, options: ReportOptions): Coverage {
  const { collection, pairing } = analysis;
  const { withoutId, retriedIds } = pairing;
  const mirrorOnly = { withoutId, unknownId: countUnknown(analysis, options), retriedIds };
  return coverageOf(countBuckets(analysis.buckets), mirrorOnly, collection.spoe.isUsable);
}

export function coverageOf(
  buckets: Coverage['buckets'],
  mirrorOnly: Coverage['mirrorOnly'],
  hasSpoeLines: boolean,
): Coverage {
  const comparable = countComparable(buckets);
  const attempted = hasSpoeLines ? buckets.paired + buckets.spoe_failed + buckets.acked_but_missing : null;
  return {
    productionRequests: Object.values(buckets).reduce((sum, count) => sum + count, 0),
    comparable,
    paired: buckets.paired,
    pairedShare: shareOf(buckets.paired, comparable),
    buckets,
    mirrorOnly,
    attempted,
    deliveredShare: attempted === null ? null : shareOf(buckets.paired, attempted),
  };
}

function countUnknown({ collection, pairing }: Analysis, { since, until }: ReportOptions): number {
  const { time } = collection.mirror;
  return pairing.unknownIds.reduce((count, row) => {
    const moment = time.at(row);
    const isOutside = (since !== undefined && moment < since) || (until !== undefined && moment >= until);
    return isOutside ? count : count + 1;
  }, 0);
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function upperBoundOf({ errors }: Comparisons, { settings, noise }: ComparisonOptions): number | null {
  return noise?.excess(errors, settings.alpha)?.upperBound ?? errors.differenceCi?.[1] ?? null;
}

function observe({ comparisons, coverage, spoe, isUnmatched }: Found, options: ReportOptions): Observations {
  const { errors, latency, routes } = comparisons;
  const { settings, noise } = options;
  const comparing: ComparisonOptions = { settings, noise };
  const p = significance(errors, comparing);
  const excess = noise?.excess(errors, settings.alpha);
  const beyondNoise = (outcome: 'newError' | 'new4xx') =>
    Math.max(0, errors[outcome] - (noise?.expected(outcome, errors.n) ?? 0));
  return {
    pairs: isUnmatched ? 0 : errors.n,
    newErrors: beyondNoise('newError'),
    new4xx: beyondNoise('new4xx'),
    errorRateDelta: excess?.difference ?? errors.difference,
    p95Ratio: latency === null ? null : p95RatioOf(latency) / (noise?.p95Ratio || 1),
    coverage: coverage.pairedShare,
    delivered: coverage.deliveredShare,
    spoeErrors: shareOf(spoe.failed, spoe.lines),
    unparsed: worstUnparsed(options.inputs),
    regression: describeFinding(errors, p, hasRegressed(errors, p, comparing)),
    regressedRoutes: routes
      .filter(({ regressed }) => regressed)
      .map(({ route, errors: own }) => ({ route, ...describeFinding(own, own.test.q, true) })),
    testedRoutes: routes.length,
  };
}

/** Of the input with the largest share. */
function worstUnparsed(inputs: readonly InputReport[]): number | null {
  const shares = inputs.filter(({ lines }) => lines > 0).map(({ lines, unparsed }) => unparsed / lines);
  return shares.length === 0 ? null : Math.max(...shares);
}

function describeFinding(errors: ErrorComparison, significant: number | null, regressed: boolean): Finding {
  const { difference, n, newError, fixedError, mirrorN } = errors;
  const finding = { regressed, difference, significance: significant };
  if (difference === null || significant === null) return { ...finding, reason: 'there is nothing to compare' };
  if (mirrorN === undefined) return { ...finding, reason: `${newError} new errors, ${fixedError} fixed in ${n} pairs` };
  const sides = `${errors.mirrorErrors} errors in ${mirrorN} requests of the mirror, ${errors.productionErrors} in ${n} of production`;
  return { ...finding, reason: sides };
}

function makeWarnings({ spoe, coverage, isUnmatched, key, betterKey }: Found): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  if (isUnmatched) {
    warn(
      'weak-evidence',
      'no request could be paired with its mirrored one: rates are compared by route, and different requests may be behind them',
    );
  }
  if (spoe.lines === 0 && spoe.otherAgents.size > 0) {
    const others = [...spoe.otherAgents].sort().join(', ');
    warn('other-agent', `there is no SPOE line of the agent ${spoe.agent}, but of ${others}: choose with --agent`);
  }
  if (spoe.lines > 0 && !spoe.isUsable) {
    warn('spoe-without-process', 'the SPOE lines name no process, so they cannot be joined with requests');
  }
  if (spoe.isUsable && coverage.buckets.missing > 0) {
    warn(
      'no-stream',
      `${coverage.buckets.missing} requests tell no stream number (%rt) and process: why they are missing is not known`,
    );
  }
  if (betterKey !== undefined) {
    warn('other-key', `--key ${betterKey} would pair more requests than ${key}`);
  }
  if (coverage.buckets.ambiguous_id > 0) {
    warn('ambiguous-ids', `${coverage.buckets.ambiguous_id} requests share their id with another line`);
  }
  return warnings;
}
