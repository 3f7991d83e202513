/** Reads large files on several threads: each takes a contiguous part, and the parts merge in order. */
import { type ReadTurns, type Region, type TimeChain, timesFor } from '../../logs/inputs.ts';
import { startOf } from '../../logs/read.ts';
import type { ThreadJob } from '../../logs/reading-threads.ts';
import { haveInCommon } from '../../logs/seen-events.ts';
import { Ingest, type IngestOptions, type IngestResult } from './ingest.ts';
import { runThread } from './threads.ts';

export interface CountingThread {
  readonly task: { readonly options: IngestOptions; readonly regions: readonly Region[] };
  readonly batch: never;
  readonly result: IngestResult;
}

type CountPart = (task: CountingThread['task'], signal: AbortSignal) => Promise<IngestResult>;

/**
 * Reads each list of regions on its own thread, the first on this one. The result does not depend on their number. Where the signal
 * stops the reading, what is behind the first part that has no end is left out: there is no hole in what was read.
 * @param count counts a part somewhere else
 */
export async function readInThreads(
  ingest: Ingest,
  [own = [], ...others]: readonly (readonly Region[])[],
  control: ReadTurns,
  count: CountPart = (task, signal) => runThread('counting', task, { signal }),
): Promise<void> {
  const { options } = ingest;
  const { signal } = control;
  const results = others.map((regions) => count({ options, regions }, signal));
  // A failing thread is reported when its turn comes, not as an unhandled rejection before.
  for (const result of results) result.catch(() => undefined);
  let chain = await ingest.inputs.read(own, control);
  let isWhole = !signal.aborted;
  for (const [i, pending] of results.entries()) {
    const regions = others[i] ?? [];
    const read = await pending;
    if (!isWhole) continue;
    const first = await continueTimes(ingest, regions, read, chain, control);
    const result = isNew(ingest, first) ? first : await readKnowing(ingest, regions, chain, control);
    ingest.merge(result, regions.length === 1 && !beginsFile(regions[0]));
    isWhole = result.isWhole;
    // A part without times stands in the middle of its file, or is the beginning of another, which has no time before.
    const isSameFile = regions.length === 1 && !beginsFile(regions[0]);
    chain = {
      first: undefined,
      previousMs: result.chain.previousMs ?? (isSameFile ? chain.previousMs : undefined),
    };
  }
}

/**
 * A part that begins inside a file chose the year of its first RFC 3164 line without knowing the line before. Should
 * that line lead to another year (a file of more than a year), the part is read again, knowing it.
 */
async function continueTimes(
  ingest: Ingest,
  regions: readonly Region[],
  result: IngestResult,
  before: TimeChain,
  control: ReadTurns,
): Promise<IngestResult> {
  const region = regions[0];
  const { first } = result.chain;
  if (region === undefined || beginsFile(region) || first === undefined || before.previousMs === undefined)
    return result;
  if (timesFor(region.path, ingest.options, before.previousMs).peek(first.time) === first.epochMs) return result;
  const again = new Ingest(ingest.options);
  return again.toResult(await again.inputs.read(regions, again.turns(control), before.previousMs), control.signal);
}

/** Reads regions again that hold events which others have counted: now they are known. */
async function readKnowing(
  { options, seenParts }: Ingest,
  regions: readonly Region[],
  before: TimeChain,
  control: ReadTurns,
): Promise<IngestResult> {
  const again = new Ingest(options);
  again.know(seenParts);
  const previousMs = beginsFile(regions[0]) ? undefined : before.previousMs;
  return again.toResult(await again.inputs.read(regions, again.turns(control), previousMs), control.signal);
}

function isNew({ seenParts }: Ingest, { seen }: IngestResult): boolean {
  return seen === undefined || !seenParts.some((part) => haveInCommon(part, seen));
}

function beginsFile(region: Region | undefined): boolean {
  return region?.range === undefined || region.range.start === startOf(region.path);
}

/** The job of a thread that `readInThreads` started. */
export const countRegions: ThreadJob<CountingThread> = async ({ options, regions }, { signal }) => {
  const ingest = new Ingest(options);
  const [first] = regions;
  if (first !== undefined) await ingest.readLead(first, signal);
  const turns = ingest.turns({ signal, onTurn: () => undefined });
  const result = ingest.toResult(await ingest.inputs.read(regions, turns), signal);
  const { seen } = result;
  return { result, handed: seen === undefined ? [] : [seen.owners.buffer, seen.pages.buffer] };
};
