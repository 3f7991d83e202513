/** The options of `diff`: both sides, what counts, what decides, how it is written. */
import { DEFAULT_GATES } from '../../diff/gates.ts';
import { REQUEST_KINDS } from '../../diff/request-line.ts';
import { CHOICE_VALUES, DEFAULT_CHOICES, MAX_REQUESTS } from '../../diff/settings.ts';
import { LATENCY_UNITS } from '../../logs/access-options.ts';
import { OptionError } from '../../options/errors.ts';
import { choice, count, duration, FILE, FLAG, special, text, threshold } from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { metricNames } from '../../options/threshold.ts';
import { answerOptions } from './answer-options.ts';
import { ENGINE_OPTIONS, LOCATIONS, MEMORY, RUN } from './engine-options.ts';
import { REQUEST_LOG_OPTIONS } from './log-options.ts';

const SIDES = 'Both sides:';
const PAIRS = 'Pairing and counting:';
const GATES = 'What decides:';
const OUTPUT = 'Output:';
const PRINTED = 'With --print-haproxy-config:';

/** `--key` is what requests are paired by. */
const { key: KEY_FILE, ...ENGINE } = ENGINE_OPTIONS;

const FORMATS = ['table', 'json', 'ndjson', 'markdown', 'html', 'junit', 'github'] as const;
/** Of a whole report, in a file: ndjson is of single requests, and what GitHub obeys is read from standard output. */
const FILE_FORMATS = ['table', 'json', 'markdown', 'html', 'junit'] as const;
export type ReportFormat = Exclude<(typeof FORMATS)[number], 'ndjson'>;

export interface ReportFile {
  readonly format: (typeof FILE_FORMATS)[number];
  readonly file: string;
}
const ONLY = [...REQUEST_KINDS, 'missing', 'differing'] as const;

export const DIFF_OPTIONS = optionTable({
  production: {
    kind: FILE,
    repeatable: true,
    greedy: true,
    group: SIDES,
    help: "production's logs, gzip or not; - is standard input",
  },
  mirror: {
    kind: FILE,
    repeatable: true,
    greedy: true,
    group: SIDES,
    help: "the mirror's logs, or the agent's record",
  },
  spoe: {
    kind: FILE,
    repeatable: true,
    greedy: true,
    group: SIDES,
    help: 'SPOE lines, where they are in a log of their own',
  },
  from: { kind: text('WHERE'), group: SIDES, help: `instead of logs, what load has written: ${LOCATIONS}` },
  run: { kind: RUN, group: SIDES, help: 'with --from: the name of the comparison' },
  'production-format': {
    kind: text('FORMAT', ['httplog', 'httpslog', 'json']),
    group: SIDES,
    help: "HAProxy's log-format string, or httplog, httpslog, json",
    otherwise: 'found out',
  },
  'mirror-format': {
    kind: text('FORMAT'),
    group: SIDES,
    help: 'log-format of HAProxy or log_format of nginx, or a name',
    otherwise: 'found out',
  },
  agent: { kind: text('AGENT'), default: DEFAULT_CHOICES.agent, group: PAIRS, help: 'the spoe-agent that mirrors' },
  key: {
    kind: choice('KEY', CHOICE_VALUES.key),
    default: DEFAULT_CHOICES.key,
    group: PAIRS,
    help: 'what a request and its mirrored one have in common',
  },
  'production-id': {
    kind: text('FIELD'),
    group: PAIRS,
    help: "field of production's log that holds the id: req.id, request_X-Unique-Id",
  },
  'mirror-id': { kind: text('FIELD'), group: PAIRS, help: "the same for the mirror's log" },
  destination: {
    kind: text('NAME'),
    group: PAIRS,
    help: 'of a mirror with several destinations (-u) the one that is judged',
    otherwise: 'each',
  },
  'baseline-destination': {
    kind: text('NAME'),
    group: PAIRS,
    help: "the destination that runs production's version: its differences are the noise",
  },
  'mirror-noise': {
    kind: FILE,
    repeatable: true,
    greedy: true,
    group: SIDES,
    help: "record of an agent whose mirror runs production's version: what differs there is the noise of answers",
  },
  event: {
    kind: text('NAME'),
    group: PAIRS,
    help: 'the SPOE event or group that mirrors',
    otherwise: 'found out',
  },
  'production-latency-unit': {
    kind: choice('UNIT', LATENCY_UNITS),
    group: SIDES,
    help: 'of a time whose unit is not known',
  },
  'mirror-latency-unit': {
    kind: choice('UNIT', LATENCY_UNITS),
    group: SIDES,
    help: 'the same for the mirror',
  },
  'mirror-duplicates': {
    kind: choice('WHICH', CHOICE_VALUES.mirrorDuplicates),
    default: DEFAULT_CHOICES.mirrorDuplicates,
    group: PAIRS,
    help: 'which answer counts when the mirror was asked again',
  },
  error: {
    kind: text('STATUSES'),
    repeatable: true,
    default: [...DEFAULT_CHOICES.error],
    group: PAIRS,
    help: 'statuses that are errors: 5xx,409',
  },
  ignore: {
    kind: text('RULE'),
    repeatable: true,
    group: PAIRS,
    help: "a wanted change: 'POST /orders 201->409' (repeatable)",
  },
  'ignore-field': {
    kind: text('RULE'),
    repeatable: true,
    group: PAIRS,
    help: "differences of answers that are no news: '$.price', 'header x-cache', '/_at$/' (repeatable)",
  },
  'additive-fine': { kind: FLAG, group: PAIRS, help: 'fields and headers that only the mirror has are no news' },
  'without-built-in': {
    kind: FLAG,
    group: PAIRS,
    help: 'values that always differ (cookies, request ids, traces …) are compared like any other',
  },
  route: { kind: text('ROUTE'), repeatable: true, group: PAIRS, help: "a route: '/users/{id}' (repeatable)" },
  openapi: {
    kind: FILE,
    group: PAIRS,
    help: 'OpenAPI file, JSON or YAML: paths are routes, and answers are held against it',
  },
  'max-requests': {
    kind: count('N', { least: 1, most: MAX_REQUESTS, hint: `write a whole number up to ${MAX_REQUESTS}` }),
    default: DEFAULT_CHOICES.maxRequests,
    group: PAIRS,
    help: 'of each side',
  },
  'fail-on': {
    kind: threshold('GATE', metricNames('diff')),
    repeatable: true,
    group: GATES,
    help: "gate: 'new-errors>5', 'p95-ratio>1.2', 'coverage<80%' … (repeatable; delivered, lost-routes and latency then fail, too)",
  },
  'warn-on': {
    kind: threshold('GATE', metricNames('diff')),
    repeatable: true,
    group: GATES,
    help: 'the same, but only shown',
  },
  'min-effect': {
    kind: text('EFFECT'),
    default: DEFAULT_CHOICES.minEffect,
    group: GATES,
    help: 'a rise of the error rate by less is no regression: in points, by a factor, or either',
  },
  margin: {
    kind: text('POINTS'),
    default: DEFAULT_CHOICES.margin,
    group: GATES,
    help: 'pass only where the error rate rose by no more, with 95 % confidence',
  },
  'noise-baseline': {
    kind: FILE,
    group: GATES,
    help: 'JSON report of two equal versions: what exceeds it counts',
  },
  gates: {
    kind: text('GATES', ['all', ...DEFAULT_GATES]),
    group: GATES,
    help: "which default gates decide: 'all', a list, or '-latency' to leave one out",
  },
  'allow-slower': {
    kind: text('FACTOR'),
    default: DEFAULT_CHOICES.allowSlower,
    group: GATES,
    help: 'slower is what takes more than that many times as long, and that much more',
  },
  'compare-latency': {
    kind: choice('WHICH', CHOICE_VALUES.compareLatency),
    group: GATES,
    help: 'which times are compared',
    otherwise: 'first-byte where both sides know it',
  },
  'expect-coverage': {
    kind: text('SHARE'),
    group: GATES,
    help: 'share of the requests that is mirrored, where no SPOE lines tell: 10%',
  },
  anytime: {
    kind: FLAG,
    group: GATES,
    help: 'the verdict stays valid however often a growing log is looked at (always with --follow)',
  },
  plan: {
    kind: FLAG,
    group: GATES,
    help: 'says how many pairs a verdict needs, and ends',
  },
  format: {
    kind: choice('FORMAT', FORMATS),
    default: 'table',
    group: OUTPUT,
    help: 'how the report is written',
  },
  report: {
    kind: special('FORMAT=FILE', readReportFile),
    repeatable: true,
    group: OUTPUT,
    help: 'writes the report into a file, too: markdown=comment.md, junit=diff.xml (repeatable)',
  },
  only: { kind: choice('WHICH', ONLY), group: OUTPUT, help: 'with ndjson: only these requests' },
  'show-queries': {
    kind: FLAG,
    group: OUTPUT,
    help: 'query strings are written out',
  },
  timestamp: {
    kind: FLAG,
    group: OUTPUT,
    help: 'adds the present time to the report',
  },
  'print-haproxy-config': {
    kind: FLAG,
    group: OUTPUT,
    help: 'prints the logging settings that make pairing work',
  },
  ...answerOptions(PRINTED),
  grace: {
    kind: duration(),
    default: 30_000,
    group: OUTPUT,
    help: 'with --follow: how long the other side is waited for',
  },
  plain: { kind: FLAG, group: OUTPUT, help: 'with --follow: the plain text on a terminal, without a full screen' },
  ...REQUEST_LOG_OPTIONS,
  ...ENGINE,
  'cert-key': KEY_FILE,
  memory: MEMORY,
  'part-rows': {
    kind: count('N', { least: 1, most: 10_000_000 }),
    default: 20_000,
    group: MEMORY.group,
    help: 'with --from: of more rows of a side than that it is compared in parts, each of about a quarter of so many',
  },
});

export type DiffArguments = Given<typeof DIFF_OPTIONS>;

/** Reads `junit=diff.xml`. @throws OptionError */
function readReportFile(given: string, option: string): ReportFile {
  const [, word = '', file = ''] = /^([^=]*)=?(.*)$/s.exec(given) ?? [];
  if (file === '' || file === '-')
    throw new OptionError(`invalid ${option}, FORMAT=FILE: '${given}'`, {
      hint: file === '-' ? 'for standard output: --format' : 'write markdown=comment.md, or junit=diff.xml',
    });
  return { format: choice('FORMAT', FILE_FORMATS).parse(word, `format of ${option}`), file };
}
