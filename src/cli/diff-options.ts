/** The options of `diff`: both sides, what counts, what decides, how it is written. */
import type { Argv } from 'yargs';
import { DEFAULT_MAX_REQUESTS } from '../diff/collection.ts';
import type { Gate } from '../diff/gates.ts';
import { DEFAULT_SLOWER } from '../diff/latency.ts';
import type { CorrelationKey, DiffSettings, DuplicatePolicy } from '../diff/model.ts';
import { REQUEST_KINDS } from '../diff/request-line.ts';
import { parseErrorStatuses, parseIgnoreRule, type Rules } from '../diff/rules.ts';
import { LATENCY_UNITS, type LatencyUnit } from '../logs/access/read-options.ts';
import { CliError } from './errors.ts';
import { parseDuration } from './filter-options.ts';
import { addRequestLogOptions, type LogArguments } from './log-options.ts';

const SIDES = 'Both sides:';
const PAIRS = 'Pairing and counting:';
const GATES = 'What decides:';
const OUTPUT = 'Output:';

/** As given. */
export const DEFAULTS = {
  minEffect: '0.5pp,1.5x',
  margin: '1pp',
  allowSlower: `${DEFAULT_SLOWER.factor}x,${DEFAULT_SLOWER.ms}ms`,
} as const;

export const FORMATS = ['table', 'json', 'ndjson', 'markdown', 'html', 'junit'] as const;
export const ONLY = [...REQUEST_KINDS, 'missing'] as const;

export interface DiffArguments extends Omit<LogArguments, 'agent' | 'status'> {
  readonly production?: readonly string[] | undefined;
  readonly mirror?: readonly string[] | undefined;
  readonly spoe?: readonly string[] | undefined;
  readonly productionFormat?: string | undefined;
  readonly mirrorFormat?: string | undefined;
  readonly agent: string;
  readonly key: 'auto' | Exclude<CorrelationKey, 'none'>;
  readonly mirrorDuplicates: DuplicatePolicy;
  readonly error: readonly string[];
  readonly ignore?: readonly string[] | undefined;
  readonly route?: readonly string[] | undefined;
  readonly openapi?: string | undefined;
  readonly maxRequests: number;
  readonly failOn?: readonly string[] | undefined;
  readonly warnOn?: readonly string[] | undefined;
  readonly minEffect: string;
  readonly margin: string;
  readonly noiseBaseline?: string | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly only?: (typeof ONLY)[number] | undefined;
  readonly showQueries: boolean;
  readonly timestamp: boolean;
  readonly printHaproxyConfig: boolean;
  readonly grace: string;
  readonly gates?: string | undefined;
  readonly allowSlower: string;
  readonly compareLatency?: 'first-byte' | 'total' | undefined;
  readonly expectCoverage?: string | undefined;
  readonly anytime: boolean;
  readonly plan: boolean;
  readonly destination?: string | undefined;
  readonly baselineDestination?: string | undefined;
  readonly event?: string | undefined;
  readonly productionId?: string | undefined;
  readonly mirrorId?: string | undefined;
  readonly mirrorLatencyUnit?: LatencyUnit | undefined;
  readonly productionLatencyUnit?: LatencyUnit | undefined;
}

export function addDiffOptions(yargs: Argv): Argv<DiffArguments> {
  const text = { type: 'string', nargs: 1 } as const;
  const files = { type: 'string', array: true } as const;
  const own = yargs
    .option('production', { ...files, group: SIDES, describe: "production's logs, gzip or not; - is standard input" })
    .option('mirror', { ...files, group: SIDES, describe: "the mirror's logs, or the agent's record" })
    .option('spoe', { ...files, group: SIDES, describe: 'SPOE lines, where they are in a log of their own' })
    .option('production-format', {
      ...text,
      group: SIDES,
      describe: "HAProxy's log-format string, or httplog, httpslog, json (default: found out)",
    })
    .option('mirror-format', {
      ...text,
      group: SIDES,
      describe: 'log-format of HAProxy or log_format of nginx, or a name (default: found out)',
    })
    .option('agent', { ...text, default: 'mirror', group: PAIRS, describe: 'the spoe-agent that mirrors' })
    .option('key', {
      choices: ['auto', 'unique-id', 'traceparent', 'pid+sid'] as const,
      nargs: 1,
      default: 'auto' as const,
      group: PAIRS,
      describe: 'what a request and its mirrored one have in common',
    })
    .option('production-id', {
      ...text,
      group: PAIRS,
      describe: "field of production's log that holds the id: req.id, request_X-Unique-Id",
    })
    .option('mirror-id', { ...text, group: PAIRS, describe: "the same for the mirror's log" })
    .option('destination', {
      ...text,
      group: PAIRS,
      describe: 'of a mirror with several destinations (-u) the one that is judged (default: each)',
    })
    .option('baseline-destination', {
      ...text,
      group: PAIRS,
      describe: "the destination that runs production's version: its differences are the noise",
    })
    .option('event', {
      ...text,
      group: PAIRS,
      describe: 'the SPOE event or group that mirrors (default: found out)',
    })
    .option('production-latency-unit', {
      choices: LATENCY_UNITS,
      nargs: 1,
      group: SIDES,
      describe: 'of a time whose unit is not known',
    })
    .option('mirror-latency-unit', {
      choices: LATENCY_UNITS,
      nargs: 1,
      group: SIDES,
      describe: 'the same for the mirror',
    })
    .option('mirror-duplicates', {
      choices: ['last', 'worst', 'first'] as const,
      nargs: 1,
      default: 'last' as const,
      group: PAIRS,
      describe: 'which answer counts when the mirror was asked again',
    })
    .option('error', {
      ...text,
      array: true,
      default: ['5xx'],
      group: PAIRS,
      describe: 'statuses that are errors: 5xx,409',
    })
    .option('ignore', {
      ...text,
      array: true,
      group: PAIRS,
      describe: "a wanted change: 'POST /orders 201->409' (repeatable)",
    })
    .option('route', { ...text, array: true, group: PAIRS, describe: "a route: '/users/{id}' (repeatable)" })
    .option('openapi', { ...text, group: PAIRS, describe: 'OpenAPI file, JSON or YAML, whose paths are routes' })
    .option('max-requests', {
      type: 'number',
      nargs: 1,
      default: DEFAULT_MAX_REQUESTS,
      group: PAIRS,
      describe: 'of each side',
    })
    .option('fail-on', {
      ...text,
      array: true,
      group: GATES,
      describe:
        "gate: 'new-errors>5', 'p95-ratio>1.2', 'coverage<80%' … (repeatable; delivered, lost-routes and latency then fail, too)",
    })
    .option('warn-on', { ...text, array: true, group: GATES, describe: 'the same, but only shown' })
    .option('min-effect', {
      ...text,
      default: DEFAULTS.minEffect,
      group: GATES,
      describe: 'a rise of the error rate by less is no regression: in points, by a factor, or either',
    })
    .option('margin', {
      ...text,
      default: DEFAULTS.margin,
      group: GATES,
      describe: 'pass only where the error rate rose by no more, with 95 % confidence',
    })
    .option('noise-baseline', {
      ...text,
      group: GATES,
      describe: 'json report of two equal versions: what exceeds it counts',
    })
    .option('gates', {
      ...text,
      group: GATES,
      describe: "which default gates decide: 'all', a list, or '-latency' to leave one out",
    })
    .option('allow-slower', {
      ...text,
      default: DEFAULTS.allowSlower,
      group: GATES,
      describe: 'slower is what takes more than that many times as long, and that much more',
    })
    .option('compare-latency', {
      choices: ['first-byte', 'total'] as const,
      nargs: 1,
      group: GATES,
      describe: 'which times are compared (default: first-byte where both sides know it)',
    })
    .option('expect-coverage', {
      ...text,
      group: GATES,
      describe: 'share of the requests that is mirrored, where no SPOE lines tell: 10%',
    })
    .option('anytime', {
      type: 'boolean',
      default: false,
      group: GATES,
      describe: 'the verdict stays valid however often a growing log is looked at (always with --follow)',
    })
    .option('plan', {
      type: 'boolean',
      default: false,
      group: GATES,
      describe: 'says how many pairs a verdict needs, and ends',
    })
    .option('format', {
      choices: FORMATS,
      nargs: 1,
      default: 'table' as const,
      group: OUTPUT,
      describe: 'how the report is written',
    })
    .option('only', { choices: ONLY, nargs: 1, group: OUTPUT, describe: 'with ndjson: only these requests' })
    .option('show-queries', {
      type: 'boolean',
      default: false,
      group: OUTPUT,
      describe: 'query strings are written out',
    })
    .option('timestamp', {
      type: 'boolean',
      default: false,
      group: OUTPUT,
      describe: 'adds the present time to the report',
    })
    .option('print-haproxy-config', {
      type: 'boolean',
      default: false,
      group: OUTPUT,
      describe: 'prints the logging settings that make pairing work',
    })
    .option('grace', {
      ...text,
      default: '30s',
      group: OUTPUT,
      describe: 'with --follow: how long the other side is waited for',
    });
  const options = addRequestLogOptions(own)
    .example('$0 diff --production lb-access.log --mirror mirror.jsonl', 'is the mirrored version safe?')
    .example(
      "$0 diff --production p.log --mirror m.jsonl --fail-on 'p95-ratio>1.2' --format junit > diff.xml",
      'a gate for CI',
    );
  return options as unknown as Argv<DiffArguments>;
}

/** Throws CliError. */
export function readMaxRequests({ maxRequests }: DiffArguments): number {
  if (Number.isInteger(maxRequests) && maxRequests > 0 && maxRequests <= MAX_REQUESTS) return maxRequests;
  throw new CliError('bad-max-requests', 'cannot read --max-requests', `write a whole number up to ${MAX_REQUESTS}`);
}

/** Throws CliError, DiffError. */
export function readRules(given: DiffArguments): Rules {
  return {
    errorStatuses: parseErrorStatuses(given.error),
    ignored: (given.ignore ?? []).map(parseIgnoreRule),
    mirrorDuplicates: given.mirrorDuplicates,
  };
}

/** Of one side: rows are numbered by 32-bit integers, and a table has twice as many places. */
const MAX_REQUESTS = 100_000_000;
const ALPHA = 0.05;
const MAX_ROUTES = 1000;
/** Of the sample that large comparisons of latencies are made from. */
const SEED = 1;

/** @param gates that decide */
export function readSettings(given: DiffArguments, gates: readonly Gate[]): DiffSettings {
  const { factor, ms } = readSlower(given.allowSlower);
  return {
    errors: given.error.flatMap((rule) => rule.split(',')),
    ignore: given.ignore ?? [],
    ...readEffect(given.minEffect),
    allowSlower: factor,
    allowSlowerMs: ms,
    ...(given.compareLatency && { compareLatency: given.compareLatency }),
    expectCoverage: given.expectCoverage === undefined ? null : readShare('--expect-coverage', given.expectCoverage),
    gates: [...new Set(gates.filter(({ warnOnly }) => !warnOnly).map(({ name }) => name))],
    anytime: given.anytime || given.follow === true,
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
  throw new CliError('bad-points', `cannot read ${option} ${JSON.stringify(text)}`, 'write a share above 0: 10%');
}

function readPercents(option: string, text: string, form: RegExp, hint: string): number {
  const ratio = Number(`${form.exec(text.trim())?.[1] ?? 'none'}e-2`);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new CliError('bad-points', `cannot read ${option} ${JSON.stringify(text)}`, hint);
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

function unreadable(option: string, text: string, example: string): CliError {
  return new CliError('bad-option', `cannot read ${option} ${JSON.stringify(text)}`, `write ${example}`);
}

export function readGrace({ grace }: DiffArguments): number {
  const ms = parseDuration(grace);
  if (ms === undefined)
    throw new CliError('bad-duration', `cannot read --grace ${JSON.stringify(grace)}`, 'write 30s or 2m');
  return ms;
}
