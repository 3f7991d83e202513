/** An A/A run: how much two equal versions differ in this setup. What counts then is the excess over it. */
import { DiffError } from './errors.ts';
import { gateQuestion } from './gate-words.ts';
import { isGateOfAnswers } from './gates.ts';
import type {
  DiffReport,
  ErrorComparison,
  GateResult,
  LatencyComparison,
  RouteComparison,
  StatusComparison,
} from './model.ts';
import { normalCdf, twoSidedZ } from './statistics/normal.ts';

export interface Excess {
  readonly difference: number;
  /** Two-sided: that the difference is the noise's. */
  readonly p: number;
  readonly upperBound: number;
}

/** How many pairs got worse, and how many better. */
interface Discordance {
  readonly n: number;
  readonly up: number;
  readonly down: number;
}

/** An expected difference and how sure it is. */
interface Noise {
  readonly difference: number;
  readonly variance: number;
}

/** The whole run, and how many pairs of it a route is worth that has none of its own. */
interface Prior {
  readonly whole: Discordance;
  readonly weight: number;
}

type Part = 'errors' | 'status' | 'access';

/** What two equal versions differ by in time. */
export interface NoiseLatency {
  readonly ratio: number;
  readonly differenceMs: number;
  readonly p95Ratio: number;
}

/** Writes that conflict because they happen twice are noise; so many failures are not. */
const FAR_TOO_MUCH = 0.25;

export class NoiseBaseline {
  readonly errors: ErrorComparison;
  readonly p95Ratio: number | null;
  /** The status of the baseline's own verdict; undefined where it has none that is known. */
  readonly status: string | undefined;
  /** More of its pairs got worse than two equal versions explain, by far. */
  readonly isBad: boolean;
  /** What its own verdict says of answers that are not production's; undefined where it does not. */
  readonly answersFailure: string | undefined;
  readonly #latency: LatencyComparison | null;
  readonly #routes: Map<string, RouteComparison>;
  readonly #priors: { readonly [part in Part]: Prior | undefined };

  /** @throws DiffError `bad-baseline` for what is no report of pairs */
  constructor(report: unknown) {
    const { schema, errors, routes, latency, verdict } = (report ?? {}) as Partial<DiffReport>;
    if (schema !== 'spoe-logs/diff-report/1' || !isComparison(errors) || !Array.isArray(routes)) {
      throw new DiffError('bad-baseline', 'it is no diff report', 'write one with --format json of an A/A run');
    }
    if (!isOfPairs(errors)) {
      throw new DiffError('bad-baseline', 'its run has no pairs', 'take a run whose requests could be paired');
    }
    this.errors = errors;
    this.status = verdict?.status;
    const rises = [errors.difference, errors.status?.difference];
    this.isBad = verdict?.status === 'fail' && rises.some((rise) => (rise ?? 0) > FAR_TOO_MUCH);
    this.answersFailure = failureOfAnswers(verdict?.gates);
    this.#latency = isLatency(latency) ? latency : null;
    this.p95Ratio = this.#latency === null ? null : p95RatioOf(this.#latency);
    const known = (routes as readonly (RouteComparison | null)[]).filter((route) => isComparison(route?.errors));
    this.#routes = new Map((known as RouteComparison[]).map((route) => [route.route, route]));
    const prior = (part: Part) =>
      priorOf(
        errors,
        [...this.#routes.values()].map((route) => route.errors),
        part,
      );
    this.#priors = { errors: prior('errors'), status: prior('status'), access: prior('access') };
  }

  /** How many of so many pairs would have this outcome by the noise alone. */
  expected(outcome: 'newError' | 'new4xx', pairs: number): number {
    return (this.errors[outcome] / this.errors.n) * pairs;
  }

  /**
   * For a route what the baseline has of it, drawn towards the whole run the more the less that is. Undefined where the
   * baseline tells nothing of it: reports of older versions have no classes of status.
   */
  excess(part: Part, change: Discordance, alpha: number, route?: string): Excess | undefined {
    const prior = this.#priors[part];
    if (prior === undefined || change.n === 0) return undefined;
    const noise = route === undefined ? noiseOf(prior.whole) : this.#noiseOf(part, prior, route);
    const difference = (change.up - change.down) / change.n - noise.difference;
    const deviation = Math.sqrt(variance(change) + noise.variance);
    return {
      difference,
      p: Math.min(1, 2 * normalCdf(-Math.abs(difference) / deviation)),
      upperBound: difference + twoSidedZ(alpha) * deviation,
    };
  }

  /** The noise of the route itself where the baseline has as many pairs of it as a ratio needs; null where it has no times. */
  latencyOf(route?: string): NoiseLatency | null {
    const own = route === undefined ? undefined : this.#routes.get(route)?.latency;
    const latency = isLatency(own) && own.n >= ENOUGH_TIMES ? own : this.#latency;
    if (latency === null) return null;
    const { ratio = 1, differenceMs = 0 } = latency;
    return { ratio, differenceMs, p95Ratio: p95RatioOf(latency) };
  }

  #noiseOf(part: Part, prior: Prior, route: string): Noise {
    const errors = this.#routes.get(route)?.errors;
    return drawnTowards(prior, (errors && discordanceOf(errors, part)) ?? { n: 0, up: 0, down: 0 });
  }
}

/** Of a file that may hold anything. */
function failureOfAnswers(gates: unknown): string | undefined {
  if (!Array.isArray(gates)) return undefined;
  const failed = (gates as readonly (Partial<GateResult> | null)[]).find(
    (each) => each?.status === 'fail' && each.warnOnly !== true && isGateOfAnswers(String(each.gate)),
  );
  if (!failed) return undefined;
  return typeof failed.title === 'string' ? failed.title : gateQuestion(failed as GateResult);
}

/** Fewer pairs of a route say less of its times than the whole run does. */
const ENOUGH_TIMES = 100;

function discordanceOf(errors: ErrorComparison, part: Part): Discordance | undefined {
  if (part === 'errors') {
    return isOfPairs(errors) ? { n: errors.n, up: errors.newError, down: errors.fixedError } : undefined;
  }
  const { status } = errors;
  if (!isStatus(status)) return undefined;
  return part === 'status'
    ? { n: status.n, up: status.worse, down: status.better }
    : { n: status.n, up: status.accessGranted, down: status.accessDenied };
}

/** A route is worth no fewer: what one of its pairs shows is no certainty. */
const LEAST_WEIGHT = 2;

/**
 * How many pairs of the whole run a route is worth: many where the routes are alike, few where they differ from each
 * other, by the correlation of pairs of the same route. J. C. Kleinman, Proportions with extraneous variance: single and
 * independent samples, J. Amer. Statist. Assoc. 68 (1973) 46-54.
 */
function priorOf(errors: ErrorComparison, routes: readonly ErrorComparison[], part: Part): Prior | undefined {
  const whole = discordanceOf(errors, part);
  if (whole === undefined || whole.n === 0) return undefined;
  const known = routes.flatMap((route) => discordanceOf(route, part) ?? []).filter(({ n }) => n > 0);
  const pairs = known.reduce((sum, { n }) => sum + n, 0);
  const rate = whole.up / whole.n;
  const chance = rate * (1 - rate);
  const squares = known.reduce((sum, { n, up }) => sum + n * (up / n - rate) ** 2, 0);
  const free = known.length - 1;
  const room = pairs - known.reduce((sum, { n }) => sum + n * n, 0) / Math.max(1, pairs) - free;
  const correlation = chance > 0 && free > 0 && room > 0 ? (squares - chance * free) / (chance * room) : 0;
  const weight = correlation <= 0 ? whole.n : 1 / correlation - 1;
  return { whole, weight: Math.max(LEAST_WEIGHT, Math.min(whole.n, weight)) };
}

function noiseOf(change: Discordance): Noise {
  return { difference: (change.up - change.down) / change.n, variance: variance(change) };
}

/** The mean of two beta distributions, of what got worse and of what got better, after a route's own pairs. */
function drawnTowards({ whole, weight }: Prior, own: Discordance): Noise {
  const n = own.n + weight;
  const up = (own.up + (weight * whole.up) / whole.n) / n;
  const down = (own.down + (weight * whole.down) / whole.n) / n;
  const chance = (up * (1 - up) + down * (1 - down)) / (n + 1);
  // The mean that it is drawn towards is known no better than the whole run knows it.
  return { difference: up - down, variance: chance + (weight / n) ** 2 * variance(whole) };
}

/** Whether a value is one, in a file that may hold anything. */
function isComparison(errors: Partial<ErrorComparison> | undefined): errors is ErrorComparison {
  if (typeof errors !== 'object' || errors === null) return false;
  const { n, bothOk, newError, fixedError, bothError, new4xx } = errors;
  return areCounts([n, bothOk, newError, fixedError, bothError, new4xx]);
}

function isStatus(status: Partial<StatusComparison> | undefined): status is StatusComparison {
  if (typeof status !== 'object' || status === null) return false;
  const { n = 0, worse = 0, better = 0, accessGranted = 0, accessDenied = 0 } = status;
  const hasRoom = Math.max(worse + better, accessGranted + accessDenied) <= n;
  return areCounts([n, worse, better, accessGranted, accessDenied]) && hasRoom;
}

function areCounts(values: readonly (number | undefined)[]): boolean {
  return values.every((count = -1) => Number.isSafeInteger(count) && count >= 0);
}

function isLatency(latency: Partial<LatencyComparison> | null | undefined): latency is LatencyComparison {
  if (typeof latency !== 'object' || latency === null) return false;
  const { production, mirror, ratio = 1, differenceMs = 0 } = latency;
  const times = [production?.p95, mirror?.p95];
  return times.every((ms) => isAtLeast0(ms)) && isAtLeast0(ratio) && ratio > 0 && Number.isFinite(differenceMs);
}

function isAtLeast0(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** The cells of requests that are not paired are empty. */
function isOfPairs({ n, bothOk, newError, fixedError, bothError }: ErrorComparison): boolean {
  return n > 0 && bothOk + newError + fixedError + bothError === n;
}

/** Times are whole ms: half of one keeps the ratio finite. */
const HALF_MS = 0.5;

export function p95RatioOf({ production, mirror }: Pick<LatencyComparison, 'production' | 'mirror'>): number {
  return (mirror.p95 + HALF_MS) / (production.p95 + HALF_MS);
}

/** The variance of the difference of paired rates, with a pseudo-pair each way as in Bonett–Price: never zero. */
function variance({ n, up, down }: Discordance): number {
  const upRate = (up + 1) / (n + 2);
  const downRate = (down + 1) / (n + 2);
  return (upRate + downRate - (upRate - downRate) ** 2) / (n + 2);
}
