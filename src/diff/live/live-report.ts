/** The report of what was settled so far, as the comparison of whole files makes it. */

import { PAIRED } from '../buckets.ts';
import { type CoverageCounts, coverageOf } from '../coverage.ts';
import type { LatencyField } from '../latency-pairs.ts';
import { BUCKETS, type CorrelationKey, type Coverage, type DiffReport, type Warning } from '../model.ts';
import type { Strays } from '../pairing.ts';
import { type PairingState, pairingWarnings } from '../pairing-warnings.ts';
import { composeReport, type ReportOptions } from '../report.ts';
import { formatMoment } from '../request-lines.ts';
import { compareCounted } from '../route-comparisons.ts';
import { type Comparisons, timesCompared } from '../route-order.ts';
import { quantile } from '../statistics/quantile.ts';
import { compareUnpairedCounted } from '../unpaired-routes.ts';
import type { Draw } from './draw.ts';
import type { Evictions } from './join.ts';
import type { RouteSummary } from './live-routes.ts';
import type { SpoeWindow } from './spoe-window.ts';
import { NOT_MIRRORED, type Tallies } from './tallies.ts';

/** What of each kind is held in memory. */
export interface Waiting {
  /** Requests without an answer, and lines of the mirror's ids without a request: not in any bucket yet. */
  readonly production: number;
  readonly mirror: number;
  /** They have met, and wait for a retry. */
  readonly pairs: number;
  /** Lines of which it is not known yet what the sides have in common. */
  readonly unjoined: number;
}

export interface LiveState {
  readonly tallies: Tallies;
  /** Empty where the mirror's lines name none. */
  readonly destination: string;
  readonly spoe: SpoeWindow;
  readonly key: CorrelationKey;
  readonly field: LatencyField;
  readonly waiting: Waiting;
  readonly evicted: Evictions;
  /** Hashes that were dropped early. */
  readonly forgotten: number;
  readonly graceMs: number;
  /** How many lines of each side have which id. */
  readonly ids: ReturnType<PairingState['ids']>;
  /** Requests that were counted before the first line of this destination came. */
  readonly countedBefore: number;
  readonly areDestinationsFull: boolean;
}

export function makeLiveReport(state: LiveState, options: ReportOptions): DiffReport {
  const { tallies, spoe, key } = state;
  const { settings } = options;
  const isUnmatched = key === 'none';
  const rank = isUnmatched ? ({ unpaired }: Ranked) => unpaired.productionN : ({ pairs }: Ranked) => pairs.comparable;
  const routes = tallies.routes.summarize(settings.maxRoutes, rank);
  const isShown = ({ bucket }: { readonly bucket: number }) => bucket !== NOT_MIRRORED || !spoe.isUsable;
  const { from, to } = tallies;
  const clockSkewMs = medianOf(tallies.skews);
  return composeReport(
    {
      isUnmatched,
      key,
      betterKey: undefined,
      spoe,
      clockSkewMs,
      window: to < from ? { from: null, to: null } : { from: formatMoment(from), to: formatMoment(to) },
      coverage: coverageOf(countCoverage(state, isUnmatched)),
      comparisons: compare(state, routes, isUnmatched, options),
      generalized: routes.generalized,
      samples: isUnmatched ? [] : tallies.samples.list(routes.nameOf, isShown, options),
      destination: state.destination,
      warnings: pairingWarnings(pairingState(state, clockSkewMs)),
      strays: straysOf(routes),
    },
    { ...options, warnings: [...(options.warnings ?? []), ...liveWarnings(state)] },
  );
}

/** Answers whose requests never came. */
function straysOf({ tallies }: RouteSummary): Strays {
  return tallies.reduce(
    ({ lines, errors }, { unpaired: { mirrorN, mirrorErrors } }) => ({
      lines: lines + mirrorN,
      errors: errors + mirrorErrors,
    }),
    { lines: 0, errors: 0 },
  );
}

type Ranked = RouteSummary['tallies'][number];

function compare(
  { tallies, field, spoe }: LiveState,
  { names, tallies: routes }: RouteSummary,
  isUnmatched: boolean,
  { settings, noise }: ReportOptions,
): Comparisons {
  const options = { settings, noise };
  if (isUnmatched) {
    return compareUnpairedCounted(
      routes.map(({ unpaired }) => unpaired),
      null,
      names,
      options,
    );
  }
  const times = timesCompared(field, tallies.times.resolutionMs(field), settings, noise);
  const counted = {
    whole: { tally: tallies.all, latency: tallies.times.compare(times()) },
    routes: routes.map(({ pairs, times: own }, i) => ({ tally: pairs, latency: own.compare(times(names[i])) })),
    hasSpoeLines: spoe.isUsable,
  };
  return compareCounted(counted, names, options);
}

function pairingState(
  { key, tallies, spoe, ids, areDestinationsFull }: LiveState,
  skewMs: number | null,
): PairingState {
  return {
    key,
    paired: tallies.buckets[PAIRED] as number,
    skewMs,
    ids: () => ids,
    events: spoe.events,
    event: spoe.event,
    // Files that are followed are read as they grow: what they share is not looked for.
    inSeveralFiles: { production: 0, mirror: 0 },
    areDestinationsFull,
  };
}

function countCoverage({ tallies, spoe }: LiveState, isUnmatched: boolean): CoverageCounts {
  const counts = Object.fromEntries(BUCKETS.map((bucket, i) => [bucket, tallies.buckets[i]])) as Coverage['buckets'];
  const { withoutId, unknownId, retriedIds, dropped } = tallies;
  const rest = { dropped, hasSpoeLines: spoe.isUsable };
  if (isUnmatched) {
    const none = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0])) as Coverage['buckets'];
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const buckets = { ...none, malformed: counts.malformed, no_id: all - counts.malformed };
    return { ...rest, buckets, mirrorOnly: { withoutId: withoutId + unknownId, unknownId: 0, retriedIds: 0 } };
  }
  const buckets = spoe.isUsable
    ? counts
    : { ...counts, not_mirrored: 0, missing: counts.missing + counts.not_mirrored };
  return { ...rest, buckets, mirrorOnly: { withoutId, unknownId, retriedIds } };
}

function medianOf(draw: Draw): number | null {
  const values: number[] = [];
  draw.forEach((_, [value]) => {
    values.push(value as number);
  });
  return values.length === 0 ? null : quantile(values, 0.5);
}

function liveWarnings({
  key,
  tallies,
  spoe,
  waiting,
  evicted,
  forgotten,
  graceMs,
  countedBefore,
}: LiveState): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  const grace = `--grace ${graceMs / 1000}s`;
  const { production, mirror, unjoined } = waiting;
  if (production + mirror + unjoined > 0) {
    const yet = unjoined > 0 ? `, ${unjoined} lines for the first id that both sides have` : '';
    warn('waiting', `not counted yet: ${production} requests and ${mirror} answers wait for the other side${yet}`);
  }
  if (evicted.production + evicted.mirror + evicted.pairs + spoe.evicted + forgotten > 0) {
    warn(
      'evicted',
      `more lines than can wait came within ${grace}: given up early were ${evicted.production} requests and ` +
        `${evicted.mirror} lines of the mirror (they may be counted as missing and unknown though both came), ` +
        `${evicted.pairs} pairs (a retry may have come later), ${spoe.evicted} SPOE lines, and ${forgotten} lines ` +
        'of which a copy would no longer be noticed',
    );
  }
  if (tallies.outlasted > 0 && key !== 'none') {
    const requests = `${tallies.outlasted} unanswered requests took longer than ${grace}`;
    warn('longer-than-grace', `${requests}: what the mirror answered may be counted as unknown; wait longer`);
  }
  if (countedBefore > 0) {
    warn('late-destination', `${countedBefore} requests were counted before the first line of this destination came`);
  }
  const { overflow } = tallies.routes;
  if (overflow > 0) warn('routes-full', `too many routes to tell them apart: ${overflow} requests are in (other)`);
  return warnings;
}
