/** The words that all renderers share about a report. Text of the logs in them is not escaped yet. */
import type {
  Bucket,
  Correlation,
  Coverage,
  DiffReport,
  ErrorComparison,
  GateStatus,
  LatencyComparison,
  RouteComparison,
  Transition,
} from '../../diff/model.ts';
import { BUCKETS } from '../../diff/model.ts';
import { deniesAccess, grantsAccess, rankOf } from '../../diff/status-class.ts';
import {
  formatDuration,
  formatShare,
  formatSignedMs,
  formatSkew,
  formatTimes,
  hasEnds,
  plainNumber,
} from '../../text/numbers.ts';
import { formatTime } from '../../text/times.ts';
import { BUCKET_WORDS, KEY_WORDS, MISSING_WORDS, POLICY_WORDS, Q_WORDS, STATUS_WORDS } from './words.ts';

/** The exit code of a comparison that was not of what was asked for, and what is said of it where machines look. */
export const UNUSABLE = 2;
export const UNREAD =
  'an input could not be read, or not as requests: whatever was compared, it is not what was asked for';

export const VERDICT_WORDS: { readonly [status in GateStatus]: string } = {
  pass: 'PASS',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
};

export function isWeak(report: DiffReport): boolean {
  return report.correlation.mode === 'unmatched';
}

/** `2026-11-22 07:00:00Z to 2026-11-23 07:00:00Z (1 d)`. */
export function windowText({ window: { from, to }, coverage }: DiffReport): string {
  if (from === null || to === null)
    return coverage.productionRequests === 0 ? 'no request was counted' : 'no times in the production log';
  const length = Date.parse(to) - Date.parse(from);
  const words = Number.isFinite(length) && length >= 0 ? ` (${formatDuration(length)})` : '';
  return `${formatTime(from)} to ${formatTime(to)}${words}`;
}

/** `paired by unique id · the mirror's clock is +12 ms off`. */
export function correlationParts({ mode, key, clockSkewMs }: Correlation): string[] {
  const how = mode === 'paired' ? `paired by ${KEY_WORDS[key]}` : 'not paired: compared by route';
  const skew = formatSkew(clockSkewMs);
  return skew === '-' ? [how] : [how, `mirror's clock minus production's ${skew} (median)`];
}

export interface BucketReading {
  readonly bucket: Bucket;
  readonly count: number;
  /** The part of all production requests; null when there are none. */
  readonly share: number | null;
  readonly words: string;
}

const OF_SPOE_LINES: readonly Bucket[] = ['not_mirrored', 'spoe_failed', 'acked_but_missing'];

/**
 * Every bucket, in the order in which they are tested. The only ones left out are empty and cannot be otherwise: the
 * three that SPOE lines tell apart when there are none, and `missing` when there are.
 */
export function readBuckets({ buckets, productionRequests, attempted }: Coverage): readonly BucketReading[] {
  return BUCKETS.filter((bucket) => {
    if (buckets[bucket] > 0) return true;
    return attempted === null ? !OF_SPOE_LINES.includes(bucket) : bucket !== 'missing';
  }).map((bucket) => ({
    bucket,
    count: buckets[bucket],
    share: productionRequests > 0 ? buckets[bucket] / productionRequests : null,
    words: BUCKET_WORDS[bucket],
  }));
}

export function bucketSum({ buckets }: Coverage): number {
  return BUCKETS.reduce((sum, bucket) => sum + buckets[bucket], 0);
}

/** The words beside the sum of the buckets. */
export function sumWords(coverage: Coverage): string {
  const sum = bucketSum(coverage);
  if (sum === coverage.productionRequests) return 'all production requests, each in one bucket';
  return `not the ${coverage.productionRequests} production requests: a bug of spoe-logs`;
}

/** The parts of a sentence: how much of what could be compared was compared, and how much of what was sent has arrived. */
export function shareParts({ comparable, paired, pairedShare, attempted, deliveredShare }: Coverage): string[] {
  const delivered =
    attempted === null
      ? 'delivered: unknown without SPOE lines'
      : `delivered ${formatShare(deliveredShare)} of ${attempted} that HAProxy or the agent tried to send`;
  return [`paired ${formatShare(pairedShare)} (${paired} of ${comparable} comparable)`, delivered];
}

/** Lines of the mirror beside the pairs. */
export function mirrorOnlyParts({ coverage, correlation }: DiffReport): string[] {
  const { withoutId, unknownId, retriedIds } = coverage.mirrorOnly;
  return [
    `mirror lines without an id ${withoutId}`,
    `with an id that production does not have ${unknownId}`,
    `ids answered more than once ${retriedIds} (${POLICY_WORDS[correlation.mirrorDuplicatePolicy]})`,
  ];
}

export function hasMissing(routes: readonly RouteComparison[]): boolean {
  return routes.some(({ delivery }) => (delivery?.unanswered ?? 0) > 0);
}

export function hasStatus(routes: readonly RouteComparison[]): boolean {
  return routes.some(({ errors }) => (errors.status?.worse ?? 0) > 0);
}

/** The words about bad routes that find no room. */
export function hiddenWords(hidden: readonly RouteComparison[], alpha: number): string {
  const words = hidden.map((route) => routeWord(route, alpha));
  const counts = (['worse', 'lost', 'slower'] as const).flatMap((word) => {
    const count = words.filter((each) => each === word).length;
    return count === 0 ? [] : [`${count} of them ${word}`];
  });
  return counts.length === 0 ? ', none of them worse beyond chance' : `, ${counts.join(', ')}`;
}

/** Notes on the columns of the routes, as far as there are such columns. */
export function routeNotes({ routes }: DiffReport): string[] {
  return [...(hasMissing(routes) ? [MISSING_WORDS] : []), ...(hasStatus(routes) ? [STATUS_WORDS] : []), Q_WORDS];
}

export type RouteWord = 'lost' | 'worse' | 'slower' | 'better' | '';

/** Whether a route is worse, by its errors or by statuses that are no errors. */
export function hasRegressed({ regressed, errors }: RouteComparison): boolean {
  return regressed || errors.status?.regressed === true;
}

/** The worst that is shown of a route beyond chance, by the settings of the report; empty when nothing is. */
export function routeWord(route: RouteComparison, alpha: number): RouteWord {
  if (hasRegressed(route)) return 'worse';
  if (route.delivery?.lost === true) return 'lost';
  if (route.latency?.slower === true) return 'slower';
  const { q } = route.errors.test;
  return q !== null && q <= alpha && (route.errors.difference ?? 0) < 0 ? 'better' : '';
}

/** A shift of the typical answer that a reader should look at. */
const NOTABLE_RATIO = 1.1;

/** Routes whose paired latency shifted beyond chance and by a tenth or more, the largest shift first. */
export function notableLatencies(report: DiffReport): readonly { route: string; latency: LatencyComparison }[] {
  const { alpha } = report.settings;
  return report.routes
    .flatMap(({ route, latency }) => (latency !== null && isNotable(latency, alpha) ? [{ route, latency }] : []))
    .sort((a, b) => shift(b.latency) - shift(a.latency));
}

function isNotable({ ratio, ratioCi, test }: LatencyComparison, alpha: number): boolean {
  if (ratio === undefined || !(ratio >= NOTABLE_RATIO || ratio <= 1 / NOTABLE_RATIO)) return false;
  const chance = test?.q ?? test?.p;
  if (chance !== undefined && chance > alpha) return false;
  return hasEnds(ratioCi) ? ratioCi[0] > 1 || ratioCi[1] < 1 : chance !== undefined;
}

function shift({ ratio = 1 }: LatencyComparison): number {
  return Math.abs(Math.log(Math.max(ratio, 1e-9)));
}

/** Notes on latency: what was measured on each side, how alike both are, and what the ratio is of. */
export function latencyNotes({ settings }: DiffReport, latency: LatencyComparison): string[] {
  const { field, sampled, n, test, resolutionMs, differenceMs, excessRatio } = latency;
  const production = field.production === 'other' ? 'time' : field.production;
  const mirror = field.mirror === 'ttfb' ? 'time to the first byte' : 'total time';
  const typical = test?.name === 'mann-whitney' ? 'a typical request' : 'the typical pair';
  const sample = sampled === undefined || sampled >= n ? '' : `, from a sample of ${sampled}`;
  const shift = differenceMs === undefined ? '' : ` (${formatSignedMs(differenceMs)})`;
  const notes = [
    `production's ${production} against the mirror's ${mirror}; ratio = mirror / production of ${typical}${shift}${sample}`,
  ];
  if (resolutionMs !== undefined) {
    notes.push(`like with like: both sides rounded down to ${plainNumber(resolutionMs)} ms, as HAProxy logs its times`);
  }
  if (excessRatio !== undefined) notes.push(`beyond what the noise baseline shows: ratio ${formatTimes(excessRatio)}`);
  const { allowSlower, allowSlowerMs } = settings;
  if (allowSlower !== undefined) {
    const least = allowSlowerMs === undefined ? '' : ` and more than ${plainNumber(allowSlowerMs)} ms`;
    notes.push(`slower = beyond ${plainNumber(allowSlower)} times${least} (--allow-slower)`);
  }
  return notes;
}

/** Routes that only the mirror answers 404, 405 or 414, the most frequent first. */
export function incompatibleRoutes(report: DiffReport): readonly { route: string; counts: string; total: number }[] {
  return report.routes
    .flatMap(({ route, notForwardCompatible = {} }) => {
      const entries = Object.entries(notForwardCompatible).filter(([, count]) => count > 0);
      const total = entries.reduce((sum, [, count]) => sum + count, 0);
      const counts = entries.map(([status, count]) => `${count} x ${status}`).join(', ');
      return total > 0 ? [{ route, counts, total }] : [];
    })
    .sort((a, b) => b.total - a.total);
}

/**
 * Whether a transition is worse or better, by the class of both statuses; a recorded error is as bad as a 5xx. Empty where
 * neither is.
 */
export function transitionWord({ production, mirror }: Transition): 'worse' | 'better' | '' {
  const before = severityOf(production);
  const after = severityOf(mirror);
  if (before === undefined || after === undefined) return '';
  const opened = deniesAccess(Number(production)) && grantsAccess(Number(mirror));
  if (after > before || opened) return 'worse';
  return after < before ? 'better' : '';
}

const RECORDED_ERROR = rankOf(500);

/** `500`, `timeout`; what gathers others, or is no answer at all, has none. */
function severityOf(text: string): number | undefined {
  if (/^\d{3}$/.test(text)) return rankOf(Number(text));
  return /^[a-z][a-z-]*$/.test(text) && text !== 'none' ? RECORDED_ERROR : undefined;
}

/** The parts of a sentence about status changes that are no errors: inside "both fine" and beside it. */
export function changeParts(errors: ErrorComparison): string[] {
  return [
    `status changed without an error ${errors.statusChanged}`,
    `new 4xx ${errors.new4xx}`,
    `4xx gone ${errors.fixed4xx}`,
    `covered by --ignore ${errors.ignored}`,
  ];
}

const TEST_WORDS: { readonly [name in ErrorComparison['test']['name']]: string } = {
  'mcnemar-midp': 'McNemar mid-p',
  'fisher-midp': 'Fisher mid-p',
  'mantel-haenszel': 'Mantel-Haenszel over routes',
  'e-process': 'e-process, valid at every look',
  none: 'not tested',
};

export function testWords(errors: ErrorComparison): string {
  return TEST_WORDS[errors.test.name];
}

/** The status, or that there was none unless the error beside it says why. */
export function statusText(status: number | null, error = ''): string {
  if (status !== null && Number.isFinite(status)) return String(status);
  return error === '' ? 'no status' : '';
}

/** Parts of ours start small on the screen, sentences of a document do not. */
export function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
