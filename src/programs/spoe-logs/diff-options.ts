/** The options of `diff`: both sides, what counts, what decides, how it is written. */
import { REQUEST_KINDS } from '../../diff/request-line.ts';
import { DEFAULT_CHOICES } from '../../diff/settings.ts';
import { LATENCY_UNITS } from '../../logs/access-options.ts';
import { durationHint, parseDuration } from '../../text/duration.ts';
import type { Given, OptionTable } from './command.ts';
import { CliError } from './errors.ts';
import { REQUEST_LOG_OPTIONS } from './log-options.ts';

const SIDES = 'Both sides:';
const PAIRS = 'Pairing and counting:';
const GATES = 'What decides:';
const OUTPUT = 'Output:';

const FORMATS = ['table', 'json', 'ndjson', 'markdown', 'html', 'junit'] as const;
const ONLY = [...REQUEST_KINDS, 'missing'] as const;

const TEXT = { type: 'string', nargs: 1 } as const;
const FILES = { type: 'string', array: true, isFile: true, group: SIDES } as const;

export const DIFF_OPTIONS = {
  production: { ...FILES, describe: "production's logs, gzip or not; - is standard input" },
  mirror: { ...FILES, describe: "the mirror's logs, or the agent's record" },
  spoe: { ...FILES, describe: 'SPOE lines, where they are in a log of their own' },
  'production-format': {
    ...TEXT,
    group: SIDES,
    describe: "HAProxy's log-format string, or httplog, httpslog, json (default: found out)",
  },
  'mirror-format': {
    ...TEXT,
    group: SIDES,
    describe: 'log-format of HAProxy or log_format of nginx, or a name (default: found out)',
  },
  agent: { ...TEXT, default: DEFAULT_CHOICES.agent, group: PAIRS, describe: 'the spoe-agent that mirrors' },
  key: {
    choices: ['auto', 'unique-id', 'traceparent', 'pid+sid'],
    nargs: 1,
    default: DEFAULT_CHOICES.key,
    group: PAIRS,
    describe: 'what a request and its mirrored one have in common',
  },
  'production-id': {
    ...TEXT,
    group: PAIRS,
    describe: "field of production's log that holds the id: req.id, request_X-Unique-Id",
  },
  'mirror-id': { ...TEXT, group: PAIRS, describe: "the same for the mirror's log" },
  destination: {
    ...TEXT,
    group: PAIRS,
    describe: 'of a mirror with several destinations (-u) the one that is judged (default: each)',
  },
  'baseline-destination': {
    ...TEXT,
    group: PAIRS,
    describe: "the destination that runs production's version: its differences are the noise",
  },
  event: {
    ...TEXT,
    group: PAIRS,
    describe: 'the SPOE event or group that mirrors (default: found out)',
  },
  'production-latency-unit': {
    choices: LATENCY_UNITS,
    nargs: 1,
    group: SIDES,
    describe: 'of a time whose unit is not known',
  },
  'mirror-latency-unit': {
    choices: LATENCY_UNITS,
    nargs: 1,
    group: SIDES,
    describe: 'the same for the mirror',
  },
  'mirror-duplicates': {
    choices: ['last', 'worst', 'first'],
    nargs: 1,
    default: DEFAULT_CHOICES.mirrorDuplicates,
    group: PAIRS,
    describe: 'which answer counts when the mirror was asked again',
  },
  error: {
    ...TEXT,
    array: true,
    default: [...DEFAULT_CHOICES.error],
    group: PAIRS,
    describe: 'statuses that are errors: 5xx,409',
  },
  ignore: {
    ...TEXT,
    array: true,
    group: PAIRS,
    describe: "a wanted change: 'POST /orders 201->409' (repeatable)",
  },
  route: { ...TEXT, array: true, group: PAIRS, describe: "a route: '/users/{id}' (repeatable)" },
  openapi: { ...TEXT, isFile: true, group: PAIRS, describe: 'OpenAPI file, JSON or YAML, whose paths are routes' },
  'max-requests': {
    type: 'number',
    nargs: 1,
    default: DEFAULT_CHOICES.maxRequests,
    group: PAIRS,
    describe: 'of each side',
  },
  'fail-on': {
    ...TEXT,
    array: true,
    group: GATES,
    describe:
      "gate: 'new-errors>5', 'p95-ratio>1.2', 'coverage<80%' … (repeatable; delivered, lost-routes and latency then fail, too)",
  },
  'warn-on': { ...TEXT, array: true, group: GATES, describe: 'the same, but only shown' },
  'min-effect': {
    ...TEXT,
    default: DEFAULT_CHOICES.minEffect,
    group: GATES,
    describe: 'a rise of the error rate by less is no regression: in points, by a factor, or either',
  },
  margin: {
    ...TEXT,
    default: DEFAULT_CHOICES.margin,
    group: GATES,
    describe: 'pass only where the error rate rose by no more, with 95 % confidence',
  },
  'noise-baseline': {
    ...TEXT,
    isFile: true,
    group: GATES,
    describe: 'json report of two equal versions: what exceeds it counts',
  },
  gates: {
    ...TEXT,
    group: GATES,
    describe: "which default gates decide: 'all', a list, or '-latency' to leave one out",
  },
  'allow-slower': {
    ...TEXT,
    default: DEFAULT_CHOICES.allowSlower,
    group: GATES,
    describe: 'slower is what takes more than that many times as long, and that much more',
  },
  'compare-latency': {
    choices: ['first-byte', 'total'],
    nargs: 1,
    group: GATES,
    describe: 'which times are compared (default: first-byte where both sides know it)',
  },
  'expect-coverage': {
    ...TEXT,
    group: GATES,
    describe: 'share of the requests that is mirrored, where no SPOE lines tell: 10%',
  },
  anytime: {
    type: 'boolean',
    default: false,
    group: GATES,
    describe: 'the verdict stays valid however often a growing log is looked at (always with --follow)',
  },
  plan: {
    type: 'boolean',
    default: false,
    group: GATES,
    describe: 'says how many pairs a verdict needs, and ends',
  },
  format: {
    choices: FORMATS,
    nargs: 1,
    default: 'table',
    group: OUTPUT,
    describe: 'how the report is written',
  },
  only: { choices: ONLY, nargs: 1, group: OUTPUT, describe: 'with ndjson: only these requests' },
  'show-queries': {
    type: 'boolean',
    default: false,
    group: OUTPUT,
    describe: 'query strings are written out',
  },
  timestamp: {
    type: 'boolean',
    default: false,
    group: OUTPUT,
    describe: 'adds the present time to the report',
  },
  'print-haproxy-config': {
    type: 'boolean',
    default: false,
    group: OUTPUT,
    describe: 'prints the logging settings that make pairing work',
  },
  grace: {
    ...TEXT,
    default: '30s',
    group: OUTPUT,
    describe: 'with --follow: how long the other side is waited for',
  },
  ...REQUEST_LOG_OPTIONS,
} as const satisfies OptionTable;

export type DiffArguments = Given<typeof DIFF_OPTIONS>;

export function readGrace({ grace }: DiffArguments): number {
  const ms = parseDuration(grace);
  if (ms === undefined)
    throw new CliError(
      'bad-duration',
      `cannot read --grace ${JSON.stringify(grace)}`,
      durationHint(grace, '30s or 2m'),
    );
  return ms;
}
