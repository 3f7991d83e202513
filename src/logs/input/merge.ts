/** Lines of several files taken in the order of their times. */

/** Lines of one file that wait for their turn, in the order in which they stand there. */
export class LineQueue<Line> {
  #waiting: { readonly line: Line; readonly timeMs: number }[] = [];
  #taken = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Adds a line; one whose time is NaN, or before that of an earlier one, comes as soon as that one was taken. */
  add(line: Line, timeMs: number): void {
    if (timeMs > this.#lastMs) this.#lastMs = timeMs;
    this.#waiting.push({ line, timeMs: this.#lastMs });
  }

  get isEmpty(): boolean {
    return this.#taken === this.#waiting.length;
  }

  /** The time of the next line: epoch ms, or -Infinity; undefined without one. */
  get timeMs(): number | undefined {
    return this.#waiting[this.#taken]?.timeMs;
  }

  /** Removes and returns the next line; there has to be one. */
  shift(): Line {
    const { line } = this.#waiting[this.#taken] as { readonly line: Line };
    this.#taken += 1;
    if (this.isEmpty) {
      this.#waiting = [];
      this.#taken = 0;
    }
    return line;
  }
}

/** A file among those that are merged. */
export interface MergeSource<Line> {
  readonly queue: LineQueue<Line>;
  /** True when the file has more than the queue: no line of another file may be taken while the queue is empty. */
  readonly hasMore: boolean;
}

/** The order of the lines; it is asked for anew at each line. */
export interface MergeOrder<Source> {
  /** The lead of the clock that wrote the file over that of the others, ms. */
  readonly aheadMs: (source: Source) => number;
  /** Whether its lines come before those of others whatever their times are. */
  readonly isFirst: (source: Source) => boolean;
}

/** Takes the oldest line of all again and again, until it cannot be told: a file has to be read before. */
export function takeInOrder<Line, Source extends MergeSource<Line>>(
  sources: readonly Source[],
  order: MergeOrder<Source>,
  take: (line: Line, source: Source) => void,
): void {
  for (let next = oldest(sources, order); next !== undefined; next = oldest(sources, order))
    take(next.queue.shift(), next);
}

function oldest<Source extends MergeSource<unknown>>(
  sources: readonly Source[],
  order: MergeOrder<Source>,
): Source | undefined {
  let found: Source | undefined;
  let foundMs = Number.POSITIVE_INFINITY;
  let isFoundFirst = false;
  for (const source of sources) {
    const writtenMs = source.queue.timeMs;
    if (writtenMs === undefined) {
      if (source.hasMore) return undefined;
      continue;
    }
    const timeMs = writtenMs - order.aheadMs(source);
    const isFirst = order.isFirst(source);
    if (found === undefined || (isFirst && !isFoundFirst) || (isFirst === isFoundFirst && timeMs < foundMs)) {
      found = source;
      foundMs = timeMs;
      isFoundFirst = isFirst;
    }
  }
  return found;
}
