/** The options of `export`: where to, what, and how long it is tried. */
import type { Argv } from 'yargs';
import { parseDuration } from '../text/duration.ts';
import { CliError } from './errors.ts';
import { addLogOptions, type LogArguments } from './log-options.ts';

const WHERE = 'Where to:';
const WHAT = 'What:';

export interface ExportArguments extends LogArguments {
  readonly files: readonly string[] | undefined;
  readonly endpoint?: string | undefined;
  readonly protocol?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly compression?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly otlpFile?: string | undefined;
  readonly dryRun: boolean;
  readonly keepDuplicates: boolean;
  readonly retryFor: string;
  readonly spans: 'full' | 'compact' | 'none';
  readonly time: 'log' | 'arrival';
  readonly sample?: string | undefined;
  readonly metrics: boolean;
  readonly temporality?: 'delta' | 'cumulative' | undefined;
}

export function addExportOptions(yargs: Argv): Argv<ExportArguments> {
  const text = { type: 'string', nargs: 1 } as const;
  const options = addLogOptions(yargs)
    .positional('files', {
      type: 'string',
      array: true,
      describe: 'log files, gzip or not; none or - is standard input',
    })
    .option('endpoint', {
      ...text,
      group: WHERE,
      describe: 'base URL of the collector; http://localhost:4318 without it',
    })
    .option('protocol', { ...text, group: WHERE, describe: 'http/protobuf (default), http/json or grpc' })
    .option('header', { ...text, array: true, group: WHERE, describe: 'name=value, percent-encoded (repeatable)' })
    .option('compression', { ...text, group: WHERE, describe: 'gzip or none (default)' })
    .option('ca', { ...text, group: WHERE, describe: 'PEM file: who has signed the certificate of the collector' })
    .option('cert', { ...text, group: WHERE, describe: 'PEM file: certificate of this client (mTLS)' })
    .option('key', { ...text, group: WHERE, describe: 'PEM file: its key' })
    .option('otlp-file', {
      ...text,
      group: WHERE,
      describe: 'writes OTLP JSON lines; nothing is sent without --endpoint',
    })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      group: WHERE,
      describe: 'prints the first spans, sends none',
    })
    .option('retry-for', {
      ...text,
      default: '5m',
      group: WHERE,
      describe: 'how long an unavailable collector is waited for; 0s: not at all',
    })
    .option('keep-duplicates', {
      type: 'boolean',
      default: false,
      group: WHAT,
      describe: 'a trace for each line, also of an event that came before',
    })
    .option('spans', {
      choices: ['full', 'compact', 'none'] as const,
      nargs: 1,
      default: 'full' as const,
      group: WHAT,
      describe: 'an event and its phases, one span with all, or metrics only',
    })
    .option('metrics', { type: 'boolean', default: false, group: WHAT, describe: 'also counters, histograms, gauges' })
    .option('temporality', {
      choices: ['delta', 'cumulative'] as const,
      nargs: 1,
      group: WHAT,
      describe: 'of the metrics (default: cumulative)',
    })
    .option('sample', { ...text, group: WHAT, describe: 'a share of the traces: 1%. Errors are always kept' })
    .option('time', {
      choices: ['log', 'arrival'] as const,
      nargs: 1,
      default: 'log' as const,
      group: WHAT,
      describe: 'arrival: a line without a time gets the present one',
    })
    .example('$0 export access.log --endpoint http://127.0.0.1:4318', 'a trace for each SPOE event')
    .example('$0 export --follow --metrics --spans compact lb-access.log', 'a running pipeline');
  return options as unknown as Argv<ExportArguments>;
}

/** Throws CliError. */
export function readRetryFor({ retryFor }: Pick<ExportArguments, 'retryFor'>): number {
  const ms = retryFor === '0' ? 0 : parseDuration(retryFor);
  if (ms === undefined)
    throw new CliError('bad-duration', `cannot read --retry-for ${JSON.stringify(retryFor)}`, 'write 30s, 5m or 0s');
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
