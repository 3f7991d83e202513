/** The options of `diff`: both sides, what counts, what decides, how it is written. */
import type { Argv } from 'yargs';
import type { Choices } from '../diff/choices.ts';
import { REQUEST_KINDS } from '../diff/request-line.ts';
import { DEFAULT_CHOICES } from '../diff/settings.ts';
import { LATENCY_UNITS, type LatencyUnit } from '../logs/access/read-options.ts';
import { parseDuration } from '../text/duration.ts';
import { CliError } from './errors.ts';
import { addRequestLogOptions, type LogArguments } from './log-options.ts';

const SIDES = 'Both sides:';
const PAIRS = 'Pairing and counting:';
const GATES = 'What decides:';
const OUTPUT = 'Output:';

export const FORMATS = ['table', 'json', 'ndjson', 'markdown', 'html', 'junit'] as const;
export const ONLY = [...REQUEST_KINDS, 'missing'] as const;

export interface DiffArguments extends Choices, Omit<LogArguments, 'agent' | 'status'> {
  readonly follow: boolean;
  readonly production?: readonly string[] | undefined;
  readonly mirror?: readonly string[] | undefined;
  readonly spoe?: readonly string[] | undefined;
  readonly productionFormat?: string | undefined;
  readonly mirrorFormat?: string | undefined;
  readonly route?: readonly string[] | undefined;
  readonly openapi?: string | undefined;
  readonly failOn?: readonly string[] | undefined;
  readonly warnOn?: readonly string[] | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly only?: (typeof ONLY)[number] | undefined;
  readonly showQueries: boolean;
  readonly timestamp: boolean;
  readonly printHaproxyConfig: boolean;
  readonly grace: string;
  readonly gates?: string | undefined;
  readonly plan: boolean;
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
    .option('agent', { ...text, default: DEFAULT_CHOICES.agent, group: PAIRS, describe: 'the spoe-agent that mirrors' })
    .option('key', {
      choices: ['auto', 'unique-id', 'traceparent', 'pid+sid'] as const,
      nargs: 1,
      default: DEFAULT_CHOICES.key,
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
      default: DEFAULT_CHOICES.mirrorDuplicates,
      group: PAIRS,
      describe: 'which answer counts when the mirror was asked again',
    })
    .option('error', {
      ...text,
      array: true,
      default: [...DEFAULT_CHOICES.error],
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
      default: DEFAULT_CHOICES.maxRequests,
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
      default: DEFAULT_CHOICES.minEffect,
      group: GATES,
      describe: 'a rise of the error rate by less is no regression: in points, by a factor, or either',
    })
    .option('margin', {
      ...text,
      default: DEFAULT_CHOICES.margin,
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
      default: DEFAULT_CHOICES.allowSlower,
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

export function readGrace({ grace }: DiffArguments): number {
  const ms = parseDuration(grace);
  if (ms === undefined)
    throw new CliError('bad-duration', `cannot read --grace ${JSON.stringify(grace)}`, 'write 30s or 2m');
  return ms;
}
