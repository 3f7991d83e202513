/** The logs of both sides, read into a collection; and what is said about each input. */
import type { Added, Collection } from '../diff/collection.ts';
import type { InputReport, Role } from '../diff/model.ts';
import { AccessScanner } from '../logs/access/access-scanner.ts';
import { compileFormat } from '../logs/access/builtin-formats.ts';
import { STDIN } from '../logs/input/read.ts';
import { LineTally } from '../logs/tally.ts';
import type { DiffArguments } from './diff-options.ts';
import { CliError } from './errors.ts';
import { Inputs, type Problem, type ReadTurns } from './inputs.ts';
import type { LogOptions } from './log-options.ts';
import { inputPaths } from './paths.ts';

/** The files of one role, and how its lines are read. */
export interface Side {
  readonly role: Role;
  readonly paths: readonly string[];
  readonly scanner: AccessScanner;
  /** Lines that were there before, by input. */
  readonly duplicates: ReadonlyMap<string, number>;
  /** The next lines are of this input. */
  enter(path: string): void;
}

/** What takes the lines of both sides. */
export type Taker = Pick<Collection, 'addProduction' | 'addSpoe' | 'addMirror'>;

/** Throws CliError, AccessFormatError. */
export function openSides(given: DiffArguments, taker: Taker): Side[] {
  const paths = [given.production, given.spoe, given.mirror].map((files) =>
    files === undefined || files.length === 0 ? [] : inputPaths(files, given.follow),
  );
  if (paths.flat().filter((path) => path === STDIN).length > 1)
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  const [production = [], spoe = [], mirror = []] = paths;
  return [
    openSide('production', production, given.productionFormat, {
      onRequest: (record, hash) => taker.addProduction(record, hash),
      onSpoe: (event, header, hash) => taker.addSpoe(event, header, hash),
    }),
    openSide('spoe', spoe, given.productionFormat, {
      onRequest: () => 'filtered',
      onSpoe: (event, header, hash) => taker.addSpoe(event, header, hash),
    }),
    openMirror(mirror, given.mirrorFormat, (record, hash) => taker.addMirror(record, hash)),
  ].filter(({ paths }) => paths.length > 0);
}

export function openMirror(
  paths: readonly string[],
  format: string | undefined,
  onRequest: SideHandlers['onRequest'],
): Side {
  // SPOE lines of a HAProxy in front of the mirror say nothing about production.
  return openSide('mirror', paths, format, { onRequest, onSpoe: () => 'filtered' });
}

interface SideHandlers {
  readonly onRequest: (...args: Parameters<Taker['addProduction']>) => Added;
  readonly onSpoe: (...args: Parameters<Taker['addSpoe']>) => Added;
}

function openSide(role: Role, paths: readonly string[], format: string | undefined, take: SideHandlers): Side {
  const duplicates = new Map<string, number>();
  let current = '';
  const count = (added: Added) => {
    if (added === 'duplicate') duplicates.set(current, (duplicates.get(current) ?? 0) + 1);
  };
  const scanner = new AccessScanner(format === undefined ? {} : { format: compileFormat(format) }, {
    onRequest: (record, hash) => count(take.onRequest(record, hash)),
    onSpoe: (event, header, _time, hash) => count(take.onSpoe(event, header, hash)),
  });
  const enter = (path: string) => {
    // What still waits for its format belongs to the input before.
    scanner.settle();
    current = path;
    scanner.begin(path);
  };
  return { role, paths, scanner, duplicates, enter };
}

/** So often another thread is listened to. */
const TURN_BYTES = 1024 * 1024;

/** Reads all files of a side to their ends. What could not be read is given back; the others are read. */
export async function readSide(
  { scanner, paths, enter }: Side,
  options: LogOptions,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const inputs = new Inputs(scanner, new LineTally(), options);
  const turns: ReadTurns = { signal, onTurn: () => undefined, onEnter: enter, turnBytes: TURN_BYTES };
  await inputs.read(
    paths.map((path) => ({ path })),
    turns,
  );
  scanner.settle();
  return inputs.problems;
}

/** Of every input, in the order in which they were named. */
export function describeInputs(sides: readonly Side[]): InputReport[] {
  return sides.flatMap(({ role, scanner, duplicates }) =>
    scanner.inputs.map(({ name, format, counts }) => ({
      role,
      path: name,
      format: role === 'spoe' ? ('haproxy-spoe' as const) : (format?.name ?? FALLBACK[role] ?? 'json'),
      ...(format !== undefined && role !== 'spoe' && { description: format.description }),
      lines: counts.lines,
      parsed: counts.parsed + counts.spoe,
      unparsed: counts.unparsed + counts.notices + counts.malformedSpoe,
      duplicateLines: duplicates.get(name) ?? 0,
    })),
  );
}

/** What is expected where no line told the format. */
const FALLBACK: { readonly [role in Role]?: InputReport['format'] } = {
  production: 'haproxy-httplog',
  mirror: 'agent-jsonl',
};
