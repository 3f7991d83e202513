/** The options of `export`: where to, what, and how long it is tried. */
import { durationHint, parseDuration } from '../../text/duration.ts';
import type { Given, OptionTable } from './command.ts';
import { CliError } from './errors.ts';
import { LOG_OPTIONS } from './log-options.ts';

const WHERE = 'Where to:';
const WHAT = 'What:';

const TEXT = { type: 'string', nargs: 1 } as const;
const PEM = { ...TEXT, isFile: true, group: WHERE } as const;

export const EXPORT_OPTIONS = {
  ...LOG_OPTIONS,
  endpoint: {
    ...TEXT,
    group: WHERE,
    describe: 'base URL of the collector; http://localhost:4318 without it',
  },
  protocol: { ...TEXT, group: WHERE, describe: 'http/protobuf (default), http/json or grpc' },
  header: { ...TEXT, array: true, group: WHERE, describe: 'name=value, percent-encoded (repeatable)' },
  compression: { ...TEXT, group: WHERE, describe: 'gzip or none (default)' },
  ca: { ...PEM, describe: 'PEM file: who has signed the certificate of the collector' },
  cert: { ...PEM, describe: 'PEM file: certificate of this client (mTLS)' },
  key: { ...PEM, describe: 'PEM file: its key' },
  'otlp-file': {
    ...TEXT,
    isFile: true,
    group: WHERE,
    describe: 'writes OTLP JSON lines; nothing is sent without --endpoint',
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    group: WHERE,
    describe: 'prints the first spans, sends none',
  },
  'retry-for': {
    ...TEXT,
    default: '5m',
    group: WHERE,
    describe: 'how long an unavailable collector is waited for; 0s: not at all',
  },
  'keep-duplicates': {
    type: 'boolean',
    default: false,
    group: WHAT,
    describe: 'a trace for each line, also of an event that came before',
  },
  spans: {
    choices: ['full', 'compact', 'none'],
    nargs: 1,
    default: 'full',
    group: WHAT,
    describe: 'an event and its phases, one span with all, or metrics only',
  },
  metrics: { type: 'boolean', default: false, group: WHAT, describe: 'also counters, histograms, gauges' },
  temporality: {
    choices: ['delta', 'cumulative'],
    nargs: 1,
    group: WHAT,
    describe: 'of the metrics (default: cumulative)',
  },
  sample: { ...TEXT, group: WHAT, describe: 'a share of the traces: 1%. Errors are always kept' },
  time: {
    choices: ['log', 'arrival'],
    nargs: 1,
    default: 'log',
    group: WHAT,
    describe: 'arrival: a line without a time gets the present one',
  },
} as const satisfies OptionTable;

export type ExportArguments = Given<typeof EXPORT_OPTIONS> & { readonly files?: readonly string[] | undefined };

/** Throws CliError. */
export function readRetryFor({ retryFor }: Pick<ExportArguments, 'retryFor'>): number {
  const ms = retryFor === '0' ? 0 : parseDuration(retryFor);
  if (ms === undefined)
    throw new CliError(
      'bad-duration',
      `cannot read --retry-for ${JSON.stringify(retryFor)}`,
      durationHint(retryFor, '30s, 5m or 0s'),
    );
  return ms;
}

/** `1%`, `0.5 %`, `0.01` as a ratio; undefined without the option. Throws CliError. */
export function readSample({ sample }: Pick<ExportArguments, 'sample'>): number | undefined {
  if (sample === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(sample.trim());
  const ratio = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(ratio >= 0 && ratio <= 1))
    throw new CliError('bad-sample', `cannot read --sample ${JSON.stringify(sample)}`, 'write 1%, or 0.01');
  return ratio;
}
