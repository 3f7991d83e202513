/** The options that `summarize` and `merge` share: what is judged, and how it is shown. */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { choice, count, FILE, FLAG, threshold } from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { isRefusal, metricNames, readCondition } from '../../options/threshold.ts';
import { SUMMARY_FORMATS } from '../../report/index.ts';
import type { Dimension } from '../../stats/grouping.ts';
import { isRate, scopeWithoutGroup, type Threshold, thresholdOf } from '../../stats/thresholds.ts';
import { CliError } from './errors.ts';

export const SUMMARY_OPTIONS = optionTable({
  format: { kind: choice('FORMAT', SUMMARY_FORMATS), default: 'table', help: 'how the summary is written' },
  'fail-on': {
    kind: threshold('THRESHOLD', metricNames('summarize')),
    repeatable: true,
    help: "exit 1 if crossed: 'error-rate>1%', 'p99>50ms', 'mirror:p99>50ms'",
  },
  'min-events': { kind: count('N'), default: 1, help: 'fewer events than this cross every threshold' },
  baseline: { kind: FILE, help: 'a saved state that the page of --format html compares with' },
  timestamp: { kind: FLAG, help: 'write into the summary when it was made' },
});

export type SummaryArguments = Given<typeof SUMMARY_OPTIONS>;

/** Reads --fail-on for groups made of `by`. Throws CliError. */
export function readThresholds(
  { failOn }: SummaryArguments,
  by: readonly Dimension[],
): readonly Threshold[] | undefined {
  const thresholds = failOn?.map(readThreshold);
  const ofAgent = thresholds && scopeWithoutGroup(thresholds, by);
  if (ofAgent) {
    throw new CliError(
      'bad-threshold',
      `${ofAgent.expression} is about one agent, but groups do not tell agents apart`,
      'add agent to --by',
    );
  }
  return thresholds;
}

/** Reads a threshold. Without quotes, the shell reads `>1%` of `--fail-on error-rate>1%` as a redirection to a file `1%`. */
function readThreshold(expression: string): Threshold {
  const read = readCondition('summarize', '--fail-on', expression);
  if (!isRefusal(read)) return thresholdOf(read);
  if (read.lacksLimit !== true) throw new CliError('bad-threshold', read.problem, read.hint);
  const file = outputFile();
  const took = file === undefined ? 'the shell takes an unquoted > for itself' : `the shell made it a file, ${file}`;
  throw new CliError(
    'bad-threshold',
    `the threshold ${expression} has no limit: ${took}`,
    `quote it: --fail-on '${expression}>${file?.replace(/^=/, '') ?? (isRate(`${expression}>`) ? '1%' : '50ms')}'`,
  );
}

/** The file of standard output, where its name is a limit. */
function outputFile(): string | undefined {
  try {
    const name = basename(readlinkSync('/proc/self/fd/1'));
    return /^=?\d+(?:\.\d+)?(?:%|us|ms|s)?$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
