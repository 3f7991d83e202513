/** The options of `export`: the collector, what is sent, and how long it is retried. */
import { choice, duration, FILE, FLAG, RATIO, text } from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { LOG_OPTIONS } from './log-options.ts';

const WHERE = 'Where to:';
const WHAT = 'What:';

export const EXPORT_OPTIONS = optionTable({
  ...LOG_OPTIONS,
  endpoint: {
    kind: text('URL'),
    group: WHERE,
    help: 'base URL of the collector',
    otherwise: 'http://localhost:4318',
  },
  protocol: {
    kind: text('PROTOCOL', ['http/protobuf', 'http/json', 'grpc']),
    group: WHERE,
    help: 'http/protobuf, http/json or grpc',
    otherwise: 'http/protobuf',
  },
  header: {
    kind: text('NAME=VALUE'),
    repeatable: true,
    group: WHERE,
    help: 'name=value, percent-encoded (repeatable)',
  },
  compression: { kind: text('HOW', ['gzip', 'none']), group: WHERE, help: 'gzip or none', otherwise: 'none' },
  ca: { kind: FILE, group: WHERE, help: 'PEM file: who has signed the certificate of the collector' },
  cert: { kind: FILE, group: WHERE, help: 'PEM file: certificate of this client (mTLS)' },
  key: { kind: FILE, group: WHERE, help: 'PEM file: its key' },
  'otlp-file': { kind: FILE, group: WHERE, help: 'writes OTLP JSON lines; nothing is sent without --endpoint' },
  'dry-run': { kind: FLAG, group: WHERE, help: 'prints the first spans, sends none' },
  'retry-for': {
    kind: duration({ examples: '30s, 5m or 0s' }),
    default: 300_000,
    group: WHERE,
    help: 'how long an unavailable collector is waited for; 0s: not at all',
  },
  'keep-duplicates': { kind: FLAG, group: WHAT, help: 'a trace for each line, also of an event that came before' },
  spans: {
    kind: choice('WHICH', ['full', 'compact', 'none']),
    default: 'full',
    group: WHAT,
    help: 'an event and its phases, one span with all, or metrics only',
  },
  metrics: { kind: FLAG, group: WHAT, help: 'also counters, histograms, gauges' },
  temporality: {
    kind: choice('WHICH', ['delta', 'cumulative']),
    group: WHAT,
    help: 'of the metrics',
    otherwise: 'cumulative',
  },
  sample: { kind: RATIO, group: WHAT, help: 'a share of the traces: 1%. Errors are always kept' },
  time: {
    kind: choice('WHICH', ['log', 'arrival']),
    default: 'log',
    group: WHAT,
    help: 'arrival: a line without a time gets the present one',
  },
});

export type ExportArguments = Given<typeof EXPORT_OPTIONS> & { readonly files?: readonly string[] | undefined };
