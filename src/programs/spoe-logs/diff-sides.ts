/** The sides of a comparison as the command line names them; and both read whole, the mirror's on a thread where that pays. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Collection } from '../../diff/collection.ts';
import type { Role } from '../../diff/model.ts';
import {
  describeSide,
  type LineSink,
  type MirrorRole,
  openSides,
  readSide,
  type Side,
  type SideFacts,
  type SideReading,
} from '../../diff/sides.ts';
import { TEXT_SEED } from '../../diff/text-table.ts';
import type { AccessReadOptions } from '../../logs/access-options.ts';
import type { Problem } from '../../logs/input-errors.ts';
import { STDIN } from '../../logs/read.ts';
import type { DiffArguments } from './diff-options.ts';
import type { MirrorThread } from './diff-thread.ts';
import { CliError } from './errors.ts';
import type { LogOptions } from './log-options.ts';
import { inputPaths } from './paths.ts';
import { runThread } from './threads.ts';

/** The least bytes for a thread: below this, starting one costs more than it saves. */
const MIN_BYTES = 16 * 1024 * 1024;

function productionReading(given: DiffArguments): SideReading {
  const { productionFormat, productionId, productionLatencyUnit, agent } = given;
  return { format: productionFormat, options: readOptions(productionId, productionLatencyUnit), agent };
}

function mirrorReading({ mirrorFormat, mirrorId, mirrorLatencyUnit, agent }: DiffArguments): SideReading {
  return { format: mirrorFormat, options: readOptions(mirrorId, mirrorLatencyUnit), agent };
}

function readOptions(idField: string | undefined, latencyUnit: AccessReadOptions['latencyUnit']): AccessReadOptions {
  return { ...(idField !== undefined && { idField }), ...(latencyUnit !== undefined && { latencyUnit }) };
}

/** Opens the sides that the options name. Throws CliError, AccessFormatError. */
export function openGivenSides(given: DiffArguments, sink: LineSink): Side[] {
  const paths = [given.production, given.spoe, given.mirror, given.mirrorNoise].map((files) =>
    files === undefined || files.length === 0 ? [] : inputPaths(files, given.follow),
  );
  if (paths.flat().filter((path) => path === STDIN).length > 1)
    throw new CliError('stdin-twice', 'standard input can be read only once', 'name - once');
  const [production = [], spoe = [], mirror = [], noise = []] = paths;
  const reading = { production: productionReading(given), mirror: mirrorReading(given) };
  return openSides({ production, spoe, mirror, noise }, reading, sink);
}

export interface SidesRead {
  /** The facts of each side, in the order in which inputs are reported. */
  readonly facts: readonly SideFacts[];
  readonly problems: readonly Problem[];
}

/** Reads both sides whole, the mirror's on a thread where that pays. Throws CliError, AccessFormatError, DiffError. */
export async function readBothSides(
  given: DiffArguments,
  options: LogOptions,
  collection: Collection,
  signal: AbortSignal,
): Promise<SidesRead> {
  const sides = openGivenSides(given, collection);
  const threads = new Map<Side, Promise<SideRead>>();
  for (const side of sides) {
    if (!isOfMirror(side.role) || !paysThread(side.paths)) continue;
    const reading = readElsewhere(side, side.role, options, collection, signal);
    // A failure of the thread is seen below, when production is read.
    reading.catch(() => undefined);
    threads.set(side, reading);
  }
  const own = new Map<Side, SideRead>();
  for (const side of sides) {
    if (threads.has(side)) continue;
    const problems = await readSide(side, options, signal);
    own.set(side, { facts: describeSide(side), problems });
  }
  const all = await Promise.all(sides.map((side) => own.get(side) ?? (threads.get(side) as Promise<SideRead>)));
  return { facts: all.map(({ facts }) => facts), problems: all.flatMap(({ problems }) => problems) };
}

type SideRead = Pick<MirrorThread['result'], 'facts' | 'problems'>;

function isOfMirror(role: Role): role is MirrorRole {
  return role === 'mirror' || role === 'baseline';
}

/** Whether a thread pays. Standard input stays on this one: what a shell shares with others has a position. */
function paysThread(paths: readonly string[]): boolean {
  if (availableParallelism() === 1) return false;
  const files = paths.map((path) => statSync(path, { throwIfNoEntry: false }));
  if (!files.every((stats) => stats?.isFile() === true)) return false;
  return files.reduce((sum, stats) => sum + (stats?.size ?? 0), 0) >= MIN_BYTES;
}

async function readElsewhere(
  { paths, reading }: Side,
  role: MirrorRole,
  options: LogOptions,
  collection: Collection,
  signal: AbortSignal,
): Promise<SideRead> {
  const task = { role, paths, reading, options, textSeed: TEXT_SEED };
  const of = role === 'baseline' ? 'noise' : 'mirror';
  const numbers = new Map(paths.map((path, number) => [path, number]));
  const onBatch = ({ path, requests }: MirrorThread['batch']) => {
    collection.addRead(of, requests, numbers.get(path) ?? 0);
  };
  const { facts, problems, answers, inSeveralFiles } = await runThread('mirror', task, { signal, onBatch });
  collection.answers[of].read = answers;
  collection.lines[of].inSeveralFiles = inSeveralFiles;
  return { facts, problems };
}
