/**
 * What `summarize` says of the lines of a part besides its events, as JSON in spoe_loads: parts one after another are then the
 * file as it was read.
 */
import type { LineTally, TallyState } from '../logs/tally.ts';
import { isTallyState } from '../stats/parse-state.ts';

export interface PartLines {
  /** Counts of its lines. */
  readonly lines: TallyState;
  /** What the end of the file says, as far as this part; only of the last one it counts. */
  readonly end: TallyState;
  /** Events that could not be checked for having been told before. */
  readonly unchecked: number;
}

/** Reads what a row of spoe_loads holds. Undefined where it is none. */
export function parsePartLines(text: string): PartLines | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { lines, end, unchecked } = value as { readonly [key in keyof PartLines]?: unknown };
  if (!isTallyState(lines) || !isTallyState(end)) return undefined;
  if (typeof unchecked !== 'number' || !Number.isSafeInteger(unchecked) || unchecked < 0) return undefined;
  return { lines, end, unchecked };
}

/** Adds up the parts of files into one tally, in their order. */
export class LinesOfParts {
  readonly tally: LineTally;
  unchecked = 0;
  #end: TallyState | undefined;

  constructor(tally: LineTally) {
    this.tally = tally;
  }

  /** The next part of the file. */
  add({ lines, end, unchecked }: PartLines): void {
    // Bytes are those of the file, as far as its last part.
    this.tally.merge({ ...lines, bytes: 0, traffic: { since: lines.traffic?.since ?? 0, last: null, hosts: [] } });
    this.#end = end;
    this.unchecked += unchecked;
  }

  /** The file has ended. */
  endFile(): void {
    const end = this.#end;
    this.#end = undefined;
    if (end === undefined) return;
    const { hosts = [], stopped } = end.traffic ?? {};
    this.tally.bytes += end.bytes;
    for (const { host, count, last } of hosts) this.tally.setRequests(host, count, last);
    this.tally.endsInStop = stopped === undefined ? undefined : { timeMs: stopped };
    if (end.own !== undefined) this.tally.own.merge(end.own);
  }
}
