/** The sides of a comparison, as the command line names them. */
import { openSides, type Side, type SideReading, type Taker } from '../../diff/sides.ts';
import type { AccessReadOptions } from '../../logs/access-options.ts';
import { STDIN } from '../../logs/read.ts';
import type { DiffArguments } from './diff-options.ts';
import { CliError } from './errors.ts';
import { inputPaths } from './paths.ts';

function productionReading(given: DiffArguments): SideReading {
  const { productionFormat, productionId, productionLatencyUnit, agent } = given;
  return { format: productionFormat, options: readOptions(productionId, productionLatencyUnit), agent };
}

export function mirrorReading({ mirrorFormat, mirrorId, mirrorLatencyUnit, agent }: DiffArguments): SideReading {
  return { format: mirrorFormat, options: readOptions(mirrorId, mirrorLatencyUnit), agent };
}

function readOptions(idField: string | undefined, latencyUnit: AccessReadOptions['latencyUnit']): AccessReadOptions {
  return { ...(idField !== undefined && { idField }), ...(latencyUnit !== undefined && { latencyUnit }) };
}

/** Throws CliError, AccessFormatError. */
export function openGivenSides(given: DiffArguments, taker: Taker): Side[] {
  const paths = [given.production, given.spoe, given.mirror].map((files) =>
    files === undefined || files.length === 0 ? [] : inputPaths(files, given.follow),
  );
  if (paths.flat().filter((path) => path === STDIN).length > 1)
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  const [production = [], spoe = [], mirror = []] = paths;
  const reading = { production: productionReading(given), mirror: mirrorReading(given) };
  return openSides({ production, spoe, mirror }, reading, taker);
}
