/** Inline SVG: intervals of a route, quantiles of both sides, the bar of coverage. Numbers only; every figure has words. */
import type { Interval, LatencyComparison } from '../../diff/model.ts';
import {
  formatExact,
  formatInterval,
  formatMilliseconds,
  formatPlainPoints,
  formatPoints,
  formatPointsNumber,
  formatShare,
  hasEnds,
} from '../../text/numbers.ts';
import type { Markup } from '../html/markup.ts';
import { joinMarkup, markup, NO_MARKUP } from '../html/markup.ts';
import type { BucketReading } from './reading.ts';

/** Half a pixel is all an eye can see; NaN would break the drawing. */
function at(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}

/** The scale of all intervals of a table: differences of error rates, as ratios. */
export interface ForestScale {
  readonly low: number;
  readonly high: number;
  readonly margin: number;
}

const FOREST_WIDTH = 220;
const FOREST_PAD = 8;

export interface ForestRow {
  readonly difference: number | null;
  readonly interval: Interval | null;
}

/** Wide enough for every difference; the intervals of rare routes may leave it, with an arrow. */
export function forestScale(rows: readonly ForestRow[], margin: number): ForestScale {
  const values = rows.flatMap(({ difference }) =>
    difference === null || !Number.isFinite(difference) ? [] : [difference],
  );
  const high = Math.max(margin * 1.5, 1e-4, ...values.map((value) => value * 1.3));
  const low = Math.min(-high / 4, ...values.map((value) => value * 1.3));
  return { low: Math.max(-1, low), high: Math.min(1, high), margin };
}

function forestX({ low, high }: ForestScale, value: number): number {
  const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
  return at(FOREST_PAD + share * (FOREST_WIDTH - 2 * FOREST_PAD));
}

/** The head of the column: zero and the margin by name. */
export function forestAxis(scale: ForestScale): Markup {
  const zero = forestX(scale, 0);
  const margin = forestX(scale, scale.margin);
  // The two labels would lie upon each other when the scale is much wider than the margin.
  const apart = margin - zero > 60;
  const label = apart
    ? markup`<text x="${margin}" y="12" text-anchor="middle">margin ${formatPlainPoints(scale.margin)}</text>`
    : NO_MARKUP;
  const name = `Axis: difference of the error rates from ${formatPoints(scale.low)} to ${formatPoints(scale.high)}`;
  return markup`<svg viewBox="0 0 ${FOREST_WIDTH} 18" width="${FOREST_WIDTH}" height="18" role="img" aria-label="${name}"><title>${name}</title><text x="${zero}" y="12" text-anchor="middle">0</text>${label}</svg>`;
}

export function forestRow(row: ForestRow, scale: ForestScale): Markup {
  const { difference, interval } = row;
  const name = difference === null ? 'difference unknown' : forestName(row);
  const frame = markup`<line class="zero-line" x1="${forestX(scale, 0)}" x2="${forestX(scale, 0)}" y1="0" y2="22"/><line class="limit" x1="${forestX(scale, scale.margin)}" x2="${forestX(scale, scale.margin)}" y1="0" y2="22"/>`;
  const ends = hasEnds(interval) ? intervalMarks(interval, scale) : NO_MARKUP;
  const point =
    difference === null ? NO_MARKUP : markup`<circle class="dot" cx="${forestX(scale, difference)}" cy="11" r="4"/>`;
  return markup`<svg viewBox="0 0 ${FOREST_WIDTH} 22" width="${FOREST_WIDTH}" height="22" role="img" aria-label="${name}"><title>${name}</title>${frame}${ends}${point}</svg>`;
}

function forestName({ difference, interval }: ForestRow): string {
  return `difference ${formatPoints(difference)}, 95 % interval ${formatInterval(interval, formatPointsNumber)}`;
}

/** A line with an arrow head where it goes on beyond the scale. */
function intervalMarks([low, high]: Interval, scale: ForestScale): Markup {
  const left = forestX(scale, low);
  const right = forestX(scale, high);
  const before = low < scale.low ? markup`<path class="dot" d="M${at(left - 6)} 11l6 -4v8z"/>` : NO_MARKUP;
  const after = high > scale.high ? markup`<path class="dot" d="M${at(right + 6)} 11l-6 -4v8z"/>` : NO_MARKUP;
  return markup`<line class="ci" x1="${left}" x2="${right}" y1="11" y2="11"/>${before}${after}`;
}

const QUANTILES = ['p50', 'p95', 'p99'] as const;
const LATENCY = { left: 44, right: 410, width: 520, row: 34 } as const;

/** Production hollow, mirror full, on a logarithmic scale: twice as slow is the same length everywhere. */
export function latencyChart({ production, mirror }: LatencyComparison): Markup {
  const values = [production, mirror].flatMap((side) => QUANTILES.map((quantile) => known(side[quantile])));
  const low = Math.log(Math.min(...values) + 1) * 0.9;
  const high = Math.max(Math.log(Math.max(...values) + 1) * 1.05, low + 0.1);
  const x = (ms: number): number =>
    at(LATENCY.left + ((Math.log(known(ms) + 1) - low) / (high - low)) * (LATENCY.right - LATENCY.left));
  const height = QUANTILES.length * LATENCY.row + 8;
  const rows = QUANTILES.map((quantile, i) => {
    const y = i * LATENCY.row + 20;
    const [from, to] = [x(production[quantile]), x(mirror[quantile])];
    const words = `${formatMilliseconds(production[quantile])} → ${formatMilliseconds(mirror[quantile])} ms`;
    return markup`<text class="strong" x="0" y="${y + 4}">${quantile}</text><line class="axis" x1="${LATENCY.left}" x2="${LATENCY.right}" y1="${y}" y2="${y}"/><line class="link" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/><circle class="prod" cx="${from}" cy="${y}" r="6"/><circle class="mirror" cx="${to}" cy="${y}" r="5"/><text class="strong" x="${LATENCY.right + 12}" y="${y + 4}">${words}</text>`;
  });
  const name = `Latency in ms, production to mirror: ${QUANTILES.map((quantile) => `${quantile} ${formatMilliseconds(production[quantile])} to ${formatMilliseconds(mirror[quantile])}`).join(', ')}`;
  return markup`<svg viewBox="0 0 ${LATENCY.width} ${height}" width="${LATENCY.width}" height="${height}" role="img" aria-label="${name}"><title>${name}</title>${joinMarkup(rows, '')}</svg>`;
}

function known(ms: number): number {
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

/** Compared; not comparable by its nature; comparable and yet not compared. */
export type CoverageClass = 'bar-ok' | 'bar-out' | 'bar-lost';

export function coverageClass({ bucket }: BucketReading): CoverageClass {
  if (bucket === 'paired') return 'bar-ok';
  return ['malformed', 'client_abort', 'answered_by_proxy'].includes(bucket) ? 'bar-out' : 'bar-lost';
}

const BAR = { width: 1080, height: 26, least: 3 } as const;

/** Each bucket that is not empty is seen, if only as a thin line. */
export function coverageBar(buckets: readonly BucketReading[], productionRequests: number): Markup {
  const filled = buckets.filter(({ count }) => count > 0);
  if (filled.length === 0 || productionRequests <= 0) return NO_MARKUP;
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  const spare = BAR.width - filled.length * BAR.least;
  let x = 0;
  const parts = filled.map((reading) => {
    const width = at(BAR.least + (reading.count / total) * spare);
    const words = `${reading.bucket}: ${formatExact(reading.count)} (${formatShare(reading.share)})`;
    const part = markup`<rect class="${coverageClass(reading)}" x="${at(x)}" y="0" width="${at(Math.max(1, width - 1))}" height="${BAR.height}"><title>${words}</title></rect>`;
    x += width;
    return part;
  });
  const name = `Coverage of ${productionRequests} production requests: ${filled.map(({ bucket, count }) => `${bucket} ${formatExact(count)}`).join(', ')}`;
  return markup`<svg viewBox="0 0 ${BAR.width} ${BAR.height}" width="${BAR.width}" height="${BAR.height}" role="img" aria-label="${name}"><title>${name}</title>${joinMarkup(parts, '')}</svg>`;
}
