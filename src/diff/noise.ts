/** An A/A run: how much two equal versions differ in this setup. What counts then is the excess over it. */
import { DiffError } from './errors.ts';
import type { DiffReport, ErrorComparison } from './model.ts';
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
    if (schema !== 'spoe-logs/diff-report/1' || errors === undefined || !Array.isArray(routes)) {
      throw new DiffError('bad-baseline', 'it is no diff report', 'write one with --format json of an A/A run');
    }
    if (!(errors.n > 0) || errors.differenceCi === null) {
      throw new DiffError('bad-baseline', 'its run has no pairs', 'take a run whose requests could be paired');
    }
    this.errors = errors;
    this.p95Ratio = latency ? latency.mirror.p95 / latency.production.p95 : null;
    this.#routes = new Map(routes.map(({ route, errors }) => [route, errors]));
  }

  /** For a route the baseline's own where it has it; else that of the whole run. */
  excess(errors: ErrorComparison, alpha: number, route?: string): Excess | undefined {
    if (errors.difference === null || errors.n === 0) return undefined;
    const own = route === undefined ? this.errors : this.#routes.get(route);
    const noise = own !== undefined && own.n > 0 ? own : this.errors;
    const difference = errors.difference - (noise.difference ?? 0);
    const deviation = Math.sqrt(variance(errors) + variance(noise));
    const z = Math.abs(difference) / deviation;
    return {
      difference,
      p: Math.min(1, 2 * normalCdf(-z)),
      upperBound: difference + twoSidedZ(alpha) * deviation,
    };
  }
}

/** Of the difference of paired rates, with a pseudo-pair each way as in Bonett–Price: never zero. */
function variance({ n, newError, fixedError }: ErrorComparison): number {
  const up = (newError + 1) / (n + 2);
  const down = (fixedError + 1) / (n + 2);
  return (up + down - (up - down) ** 2) / (n + 2);
}
