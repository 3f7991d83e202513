/** The options that `summarize` and `merge` share: what is judged, and how it is shown. */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { SUMMARY_FORMATS } from '../../report/index.ts';
import { DIMENSIONS, type Dimension } from '../../stats/grouping.ts';
import { isRate, parseThreshold, scopeWithoutGroup, type Threshold } from '../../stats/thresholds.ts';
import { nearest } from '../../text/nearest.ts';
import { isRefusal, readCondition } from '../../text/threshold.ts';
import type { Given, OptionTable } from './command.ts';
import { CliError } from './errors.ts';

export const SUMMARY_OPTIONS = {
  format: {
    choices: SUMMARY_FORMATS,
    default: 'table',
    nargs: 1,
    describe: 'how the summary is written',
  },
  'fail-on': {
    type: 'string',
    array: true,
    nargs: 1,
    describe: "exit 1 if crossed: 'error-rate>1%', 'p99>50ms', 'mirror:p99>50ms'",
  },
  'min-events': {
    type: 'number',
    nargs: 1,
    default: 1,
    describe: 'fewer events than this cross every threshold',
  },
  timestamp: { type: 'boolean', default: false, describe: 'write into the summary when it was made' },
} as const satisfies OptionTable;

export type SummaryArguments = Given<typeof SUMMARY_OPTIONS>;

/** Reads --fail-on for groups made of `by`. Throws CliError or ThresholdError. */
export function readThresholds(
  { failOn, minEvents }: SummaryArguments,
  by: readonly Dimension[],
): readonly Threshold[] | undefined {
  if (!(Number.isInteger(minEvents) && minEvents >= 0))
    throw new CliError('bad-min-events', 'cannot read --min-events', 'write a whole number');
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

/** `--fail-on error-rate>1%` without quotes: the shell keeps `>1%` for itself, and writes the output to a file `1%`. */
function readThreshold(expression: string): Threshold {
  const read = readCondition('summarize', '--fail-on', expression);
  if (!isRefusal(read)) return parseThreshold(expression);
  if (read.lacksLimit !== true) throw new CliError('bad-threshold', read.problem, read.hint);
  const file = outputFile();
  const took = file === undefined ? 'the shell takes an unquoted > for itself' : `the shell made it a file, ${file}`;
  throw new CliError(
    'bad-threshold',
    `the threshold ${expression} has no limit: ${took}`,
    `quote it: --fail-on '${expression}>${file?.replace(/^=/, '') ?? (isRate(`${expression}>`) ? '1%' : '50ms')}'`,
  );
}

/** What standard output goes to, where that is a file whose name is a limit. */
function outputFile(): string | undefined {
  try {
    const name = basename(readlinkSync('/proc/self/fd/1'));
    return /^=?\d+(?:\.\d+)?(?:%|us|ms|s)?$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Reads `agent,event`, in the order of the schema. Throws CliError. */
export function readDimensions(text: string): Dimension[] {
  const wanted = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const unknown = wanted.find((part) => !DIMENSIONS.includes(part as Dimension));
  if (unknown !== undefined || wanted.length === 0) {
    const known = nearest(unknown ?? '', DIMENSIONS);
    throw new CliError(
      'bad-by',
      `cannot group by ${JSON.stringify(unknown ?? text)}`,
      `${known === undefined ? '' : `did you mean ${known}? `}choose from ${DIMENSIONS.join(', ')}`,
    );
  }
  return DIMENSIONS.filter((dimension) => wanted.includes(dimension));
}
