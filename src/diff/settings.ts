/** What decides a comparison, as the options of `diff` and of the library give it; read and checked. */
import { parseDuration } from '../options/duration.ts';
import type { Choices } from './choices.ts';
import { DEFAULT_MAX_REQUESTS } from './collection.ts';
import { DiffError } from './errors.ts';
import type { Gate } from './gates.ts';
import { DEFAULT_SLOWER } from './latency.ts';
import type { DiffSettings } from './model.ts';
import { ResponseRules } from './response-rules.ts';
import { parseErrorStatuses, parseIgnoreRule, type Rules } from './rules.ts';

export const DEFAULT_CHOICES = {
  agent: 'mirror',
  key: 'auto',
  mirrorDuplicates: 'last',
  error: ['5xx'],
  maxRequests: DEFAULT_MAX_REQUESTS,
  minEffect: '0.5pp,1.5x',
  margin: '1pp',
  allowSlower: `${DEFAULT_SLOWER.factor}x,${DEFAULT_SLOWER.ms}ms`,
} as const;

/** What each option takes that is one of several words. */
export const CHOICE_VALUES = {
  key: ['auto', 'unique-id', 'traceparent', 'pid+sid'],
  mirrorDuplicates: ['last', 'worst', 'first'],
  compareLatency: ['first-byte', 'total'],
} as const satisfies { readonly [Name in keyof Choices]?: readonly Choices[Name][] };

/** Throws DiffError. */
export function readMaxRequests({ maxRequests }: Choices): number {
  if (Number.isInteger(maxRequests) && maxRequests > 0 && maxRequests <= MAX_REQUESTS) return maxRequests;
  throw new DiffError('bad-max-requests', 'cannot read --max-requests', `write a whole number up to ${MAX_REQUESTS}`);
}

/** @param description an OpenAPI description, parsed. Throws DiffError. */
export function readRules(given: Choices, description?: unknown): Rules {
  return {
    errorStatuses: parseErrorStatuses(given.error),
    ignored: (given.ignore ?? []).map(parseIgnoreRule),
    mirrorDuplicates: given.mirrorDuplicates,
    responses: new ResponseRules(given, description),
  };
}

/** The most that one side may have: rows are numbered by 32-bit integers, and a table has twice as many places. */
export const MAX_REQUESTS = 100_000_000;
const ALPHA = 0.05;
const MAX_ROUTES = 1000;
/** The seed of the sample that large comparisons of latencies are made from. */
export const SEED = 1;

/** @param gates that decide */
export function readSettings(given: Choices, gates: readonly Gate[]): DiffSettings {
  const { factor, ms } = readSlower(given.allowSlower);
  return {
    errors: given.error.flatMap((rule) => rule.split(',')),
    ignore: given.ignore ?? [],
    ...(given.ignoreField && { ignoreField: given.ignoreField }),
    ...(given.additiveFine && { additiveFine: true }),
    ...(given.withoutBuiltIn && { withoutBuiltIn: true }),
    ...readEffect(given.minEffect),
    allowSlower: factor,
    allowSlowerMs: ms,
    ...(given.compareLatency && { compareLatency: given.compareLatency }),
    expectCoverage: given.expectCoverage === undefined ? null : readShare('--expect-coverage', given.expectCoverage),
    gates: [...new Set(gates.filter(({ warnOnly }) => !warnOnly).map(({ name }) => name))],
    anytime: given.anytime || given.follow,
    margin: readPoints('--margin', given.margin),
    alpha: ALPHA,
    minPairs: gates.find(({ name }) => name === 'pairs')?.limit ?? 0,
    mirrorDuplicates: given.mirrorDuplicates,
    agent: given.agent,
    key: given.key,
    noiseBaseline: given.noiseBaseline ?? null,
    destination: given.destination ?? null,
    baselineDestination: given.baselineDestination ?? null,
    event: given.event ?? null,
    maxRoutes: MAX_ROUTES,
    seed: SEED,
  };
}

/** `0.5pp`, `1`: percentage points as a ratio. */
function readPoints(option: string, text: string): number {
  return readPercents(option, text, /^(\d+(?:\.\d+)?)\s*(?:pp|%)?$/, 'write percentage points: 0.5pp');
}

/** `10%`, as a ratio. */
function readShare(option: string, text: string): number {
  const share = readPercents(option, text, /^(\d+(?:\.\d+)?)\s*%$/, 'write a share: 10%');
  if (share > 0) return share;
  throw new DiffError('bad-points', `cannot read ${option} ${JSON.stringify(text)}`, 'write a share above 0: 10%');
}

function readPercents(option: string, text: string, form: RegExp, hint: string): number {
  const ratio = Number(`${form.exec(text.trim())?.[1] ?? 'none'}e-2`);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new DiffError('bad-points', `cannot read ${option} ${JSON.stringify(text)}`, hint);
}

/** `0.5pp`, `1.5x`, or both. What is not given does not count. */
function readEffect(text: string): Pick<DiffSettings, 'minEffect' | 'minRatio'> {
  const parts = text.split(',').map((part) => part.trim());
  const factors = parts.filter((part) => part.endsWith('x')).map((part) => readFactor('--min-effect', text, part));
  const sizes = parts.filter((part) => !part.endsWith('x')).map((part) => readPoints('--min-effect', part));
  if (factors.length > 1 || sizes.length > 1) throw unreadable('--min-effect', text, '0.5pp, 1.5x or 0.5pp,1.5x');
  const [minRatio] = factors;
  // No rise is larger than that.
  return { minEffect: sizes[0] ?? 1, ...(minRatio !== undefined && { minRatio }) };
}

/** `3x`, `3x,50ms`. */
function readSlower(text: string): { readonly factor: number; readonly ms: number } {
  const [first = '', second, ...rest] = text.split(',').map((part) => part.trim());
  const factor = readFactor('--allow-slower', text, first);
  const ms = second === undefined ? DEFAULT_SLOWER.ms : parseDuration(second);
  if (ms === undefined || rest.length > 0) throw unreadable('--allow-slower', text, '3x or 3x,50ms');
  return { factor, ms };
}

function readFactor(option: string, text: string, part: string): number {
  const factor = Number(/^(\d{1,6}(?:\.\d+)?)x$/.exec(part)?.[1] ?? Number.NaN);
  if (factor >= 1) return factor;
  throw unreadable(option, text, 'a factor of 1 or more: 1.5x');
}

function unreadable(option: string, text: string, example: string): DiffError {
  return new DiffError('bad-option', `cannot read ${option} ${JSON.stringify(text)}`, `write ${example}`);
}
