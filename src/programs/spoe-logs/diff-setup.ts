/** What the options of a comparison say besides its inputs, read before the first line: a mistyped gate must not cost a minute. */
import packageJson from '../../../package.json' with { type: 'json' };
import type { CollectionOptions } from '../../diff/collection.ts';
import { acceptsOf, type Comparison } from '../../diff/comparing.ts';
import { readGates } from '../../diff/gates.ts';
import type { ReportOptions } from '../../diff/report.ts';
import { readRules, readSettings } from '../../diff/settings.ts';
import { noiseTwice } from '../../diff/side-refusals.ts';
import { readBaseline, readDescription, readOverrides } from './diff-files.ts';
import type { DiffArguments } from './diff-options.ts';
import { CliError } from './errors.ts';
import type { LogOptions } from './log-options.ts';

export interface DiffSetup {
  /** The options of the report, but for the inputs. */
  readonly report: Omit<ReportOptions, 'inputs'>;
  /** The rules and routes of the comparison, and which requests are compared. */
  readonly comparing: Omit<Comparison, 'key'> & Pick<CollectionOptions, 'accepts'>;
}

/** Throws CliError, DiffError. */
export function readDiffSetup(given: DiffArguments, options: LogOptions): DiffSetup {
  const description = readDescription(given);
  const rules = readRules(given, description);
  const gates = readGates(given.failOn ?? [], given.warnOn ?? [], given.gates);
  const settings = readSettings(given, gates);
  const overrides = readOverrides(given, description);
  const noise = readBaseline(given);
  const { since, until } = options.filter;
  return {
    report: {
      settings,
      gates,
      version: packageJson.version,
      showQueries: given.showQueries,
      ...(noise && { noise }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
    },
    comparing: { rules, ...(overrides && { overrides }), ...acceptsOf(options.filter) },
  };
}

/** Throws CliError. */
export function refuseNoiseTwice({ mirrorNoise = [], baselineDestination }: DiffArguments): void {
  const twice = noiseTwice(mirrorNoise.length > 0, baselineDestination);
  if (twice !== undefined) throw new CliError('usage', twice);
}
