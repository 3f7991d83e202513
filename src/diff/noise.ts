/** An A/A run: how much two equal versions differ in this setup. What counts then is the excess over it. */
import { DiffError } from './errors.ts';
import type { DiffReport, ErrorComparison, LatencyComparison, RouteComparison } from './model.ts';
import { normalCdf, twoSidedZ } from './statistics/normal.ts';

export interface Excess {
  readonly difference: number;
  /** Two-sided: that the difference is the noise's. */
  readonly p: number;
  readonly upperBound: number;
}

export class NoiseBaseline {
  readonly errors: ErrorComparison;
  readonly p95Ratio: number | null;
  readonly #routes: Map<string, ErrorComparison>;

  /** @throws DiffError `bad-baseline` for what is no report of pairs */
  constructor(report: unknown) {
    const { schema, errors, routes, latency } = (report ?? {}) as Partial<DiffReport>;
    if (schema !== 'spoe-logs/diff-report/1' || !isComparison(errors) || !Array.isArray(routes)) {
      throw new DiffError('bad-baseline', 'it is no diff report', 'write one with --format json of an A/A run');
    }
    if (!isOfPairs(errors)) {
      throw new DiffError('bad-baseline', 'its run has no pairs', 'take a run whose requests could be paired');
    }
    this.errors = errors;
    const ratio = latency ? p95RatioOf(latency) : Number.NaN;
    this.p95Ratio = Number.isFinite(ratio) ? ratio : null;
    const known = (routes as readonly (RouteComparison | null)[]).filter((route) => isComparison(route?.errors));
    this.#routes = new Map((known as RouteComparison[]).map(({ route, errors }) => [route, errors]));
  }

  /** Of so many pairs, how many would have this outcome by the noise alone. */
  expected(outcome: 'newError' | 'new4xx', pairs: number): number {
    return (this.errors[outcome] / this.errors.n) * pairs;
  }

  /** For a route the baseline's own where it has it; else that of the whole run. */
  excess(errors: ErrorComparison, alpha: number, route?: string): Excess | undefined {
    if (errors.difference === null || !isOfPairs(errors)) return undefined;
    const own = route === undefined ? this.errors : this.#routes.get(route);
    const noise = own !== undefined && isOfPairs(own) ? own : this.errors;
    const difference = errors.difference - (noise.newError - noise.fixedError) / noise.n;
    const deviation = Math.sqrt(variance(errors) + variance(noise));
    const z = Math.abs(difference) / deviation;
    return {
      difference,
      p: Math.min(1, 2 * normalCdf(-z)),
      upperBound: difference + twoSidedZ(alpha) * deviation,
    };
  }
}

/** Of a file that may hold anything. */
function isComparison(errors: Partial<ErrorComparison> | undefined): errors is ErrorComparison {
  if (typeof errors !== 'object' || errors === null) return false;
  const { n, bothOk, newError, fixedError, bothError, new4xx } = errors;
  return [n, bothOk, newError, fixedError, bothError, new4xx].every(
    (count = -1) => Number.isSafeInteger(count) && count >= 0,
  );
}

/** The cells of requests that are not paired are empty. */
function isOfPairs({ n, bothOk, newError, fixedError, bothError }: ErrorComparison): boolean {
  return n > 0 && bothOk + newError + fixedError + bothError === n;
}

/** Times are whole ms: half of one keeps the ratio finite. */
const HALF_MS = 0.5;

export function p95RatioOf({ production, mirror }: LatencyComparison): number {
  return (mirror?.p95 + HALF_MS) / (production?.p95 + HALF_MS);
}

/** Of the difference of paired rates, with a pseudo-pair each way as in Bonett–Price: never zero. */
function variance({ n, newError, fixedError }: ErrorComparison): number {
  const up = (newError + 1) / (n + 2);
  const down = (fixedError + 1) / (n + 2);
  return (up + down - (up - down) ** 2) / (n + 2);
}
