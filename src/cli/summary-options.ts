/** The options that `summarize` and `merge` share: what is judged, and how it is shown. */
import type { Argv } from 'yargs';
import { SUMMARY_FORMATS, type SummaryFormat } from '../report/index.ts';
import { DIMENSIONS, type Dimension } from '../stats/grouping.ts';
import { parseThreshold, type Threshold } from '../stats/thresholds.ts';
import { CliError } from './errors.ts';

export function addSummaryOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('format', {
      choices: SUMMARY_FORMATS,
      default: 'table' as SummaryFormat,
      nargs: 1,
      describe: 'how the summary is written',
    })
    .option('fail-on', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: "exit 1 if crossed: 'error-rate>1%', 'p99>50ms', 'mirror:p99>50ms'",
    })
    .option('min-events', {
      type: 'number',
      nargs: 1,
      default: 1,
      describe: 'fewer events than this cross every threshold',
    })
    .option('timestamp', { type: 'boolean', default: false, describe: 'write into the summary when it was made' });
}

export interface SummaryArguments {
  readonly format: SummaryFormat;
  readonly failOn?: readonly string[] | undefined;
  readonly minEvents: number;
  readonly timestamp: boolean;
}

/** Reads --fail-on for groups made of `by`. Throws CliError or ThresholdError. */
export function readThresholds(
  { failOn, minEvents }: SummaryArguments,
  by: readonly Dimension[],
): readonly Threshold[] | undefined {
  if (!(Number.isInteger(minEvents) && minEvents >= 0))
    throw new CliError('bad-min-events', 'cannot read --min-events', 'write a whole number');
  const thresholds = failOn?.map(parseThreshold);
  const ofAgent = thresholds?.find(({ agent }) => agent !== undefined);
  if (ofAgent && !by.includes('agent')) {
    throw new CliError(
      'bad-threshold',
      `${ofAgent.expression} is about one agent, but groups do not tell agents apart`,
      'add agent to --by',
    );
  }
  return thresholds;
}

/** Reads `agent,event`, in the order of the schema. Throws CliError. */
export function readDimensions(text: string): Dimension[] {
  const wanted = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const unknown = wanted.find((part) => !DIMENSIONS.includes(part as Dimension));
  if (unknown !== undefined || wanted.length === 0) {
    throw new CliError(
      'bad-by',
      `cannot group by ${JSON.stringify(unknown ?? text)}`,
      `choose from ${DIMENSIONS.join(', ')}`,
    );
  }
  return DIMENSIONS.filter((dimension) => wanted.includes(dimension));
}
