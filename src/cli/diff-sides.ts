/** Both sides read whole: the mirror's on a thread of its own where that pays. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Collection } from '../diff/collection.ts';
import type { InputReport } from '../diff/model.ts';
import type { DiffArguments } from './diff-options.ts';
import { describeInputs, openSides, readSide, type Side } from './diff-reading.ts';
import { type MirrorReading, readMirrorOnThread } from './diff-thread.ts';
import type { Problem } from './inputs.ts';
import type { LogOptions } from './log-options.ts';

/** Below this, starting a thread costs more than it saves. */
const MIN_BYTES = 16 * 1024 * 1024;

export interface SidesRead {
  readonly inputs: readonly InputReport[];
  readonly problems: readonly Problem[];
}

/** Throws CliError, AccessFormatError, DiffError. */
export async function readBothSides(
  given: DiffArguments,
  options: LogOptions,
  collection: Collection,
  signal: AbortSignal,
): Promise<SidesRead> {
  const sides = openSides(given, collection);
  const mirror = sides.find(({ role }) => role === 'mirror');
  const isOnThread = mirror !== undefined && paysThread(mirror.paths);
  const own = isOnThread ? sides.filter((side) => side !== mirror) : sides;
  const reading = isOnThread ? readElsewhere(mirror, given, options, collection, signal) : undefined;
  // Its failure is seen below, when production is read.
  reading?.catch(() => undefined);
  const problems: Problem[] = [];
  for (const side of own) problems.push(...(await readSide(side, options, signal)));
  const other = await reading;
  return {
    inputs: [...describeInputs(own), ...(other?.inputs ?? [])],
    problems: [...problems, ...(other?.problems ?? [])],
  };
}

/** Standard input stays here: what a shell shares with others has a position. */
function paysThread(paths: readonly string[]): boolean {
  if (availableParallelism() === 1) return false;
  const files = paths.map((path) => statSync(path, { throwIfNoEntry: false }));
  if (!files.every((stats) => stats?.isFile() === true)) return false;
  return files.reduce((sum, stats) => sum + (stats?.size ?? 0), 0) >= MIN_BYTES;
}

async function readElsewhere(
  { paths }: Side,
  { mirrorFormat }: DiffArguments,
  options: LogOptions,
  collection: Collection,
  signal: AbortSignal,
): Promise<MirrorReading> {
  const duplicates = new Map<string, number>();
  const task = { paths, format: mirrorFormat, options };
  const { inputs, problems } = await readMirrorOnThread(task, signal, (path, record, lineHash) => {
    if (collection.addMirror(record, lineHash) === 'duplicate') duplicates.set(path, (duplicates.get(path) ?? 0) + 1);
  });
  const counted = inputs.map((input) => ({ ...input, duplicateLines: duplicates.get(input.path) ?? 0 }));
  return { inputs: counted, problems };
}
