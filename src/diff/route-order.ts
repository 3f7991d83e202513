/** What the comparison of all routes gives, whoever counted it. */
import type { Assessment } from './assessment.ts';
import type { LatencyField, TimesCompared } from './latency.ts';
import type { DiffSettings, ErrorComparison, LatencyComparison, RouteComparison, Transition } from './model.ts';
import type { NoiseBaseline } from './noise.ts';
import type { Burst } from './over-time.ts';
import type { PairTally } from './pair-tally.ts';
import { compareTexts } from './transitions.ts';

export interface ComparedRoute extends RouteComparison {
  readonly number: number;
  /** Null where there is nothing to compare. */
  readonly found: { readonly errors: Assessment | null; readonly status: Assessment | null };
}

export interface Comparisons {
  readonly errors: ErrorComparison;
  readonly latency: LatencyComparison | null;
  readonly transitions: readonly Transition[];
  /** Worst first. */
  readonly routes: readonly ComparedRoute[];
  readonly found: ComparedRoute['found'];
  /** What the pairs and what has no answer add up to; undefined where nothing is paired. */
  readonly tally: PairTally | undefined;
  readonly bursts: readonly Burst[];
}

export function worstFirst(a: ComparedRoute, b: ComparedRoute): number {
  const surplus = ({ errors }: RouteComparison) => errors.newError - errors.fixedError;
  const hasWorseStatus = ({ errors }: RouteComparison) => Number(errors.status?.regressed ?? false);
  const isLost = ({ delivery }: RouteComparison) => Number(delivery?.lost ?? false);
  return (
    Number(b.regressed) - Number(a.regressed) ||
    hasWorseStatus(b) - hasWorseStatus(a) ||
    isLost(b) - isLost(a) ||
    (b.errors.difference ?? 0) * b.errors.n - (a.errors.difference ?? 0) * a.errors.n ||
    surplus(b) - surplus(a) ||
    b.errors.new4xx - a.errors.new4xx ||
    b.errors.n - a.errors.n ||
    compareTexts(a.route, b.route)
  );
}

/** How times are compared: of the whole, and of each route. */
export function timesCompared(
  field: LatencyField,
  resolutionMs: number,
  settings: DiffSettings,
  noise: NoiseBaseline | undefined,
): (route?: string) => TimesCompared {
  return (route) => ({ field, resolutionMs, settings, noise: noise?.latencyOf(route) ?? null });
}
