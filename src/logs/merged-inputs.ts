/**
 * Files that are followed together, their lines in the order of their times: what they hold already may be hours of one
 * before the first line of another one is read.
 */
import { type FollowedInput, Following } from './input/following.ts';
import { LineQueue, type MergeOrder, type MergeSource, takeInOrder } from './input/merge.ts';
import type { Problem } from './input-errors.ts';
import type { LineFeed } from './line-feed.ts';

/** Of one file at once: no more lines than these wait for those of the other files. */
const POLL_BYTES = 256 * 1024;

export interface MergedInput {
  readonly path: string;
  /** Each file at the path gets a feed of its own. */
  readonly createFeed: () => LineFeed;
  /** The lines that come next are of this input, until another one is entered. */
  readonly onEnter: () => void;
  /** It is read as far as it goes at once: whatever still waits in a scanner has to come now. */
  readonly onRead: () => void;
}

export interface MergingTurns<Line, Input> {
  readonly signal: AbortSignal;
  readonly order: MergeOrder<Input>;
  /** A line whose turn it is. */
  readonly take: (line: Line, input: Input) => void;
  /** All lines were taken that could be; `hasMore`: there may be more at once. */
  readonly onRound: (hasMore: boolean) => void | Promise<void>;
  /** A file is not there yet. */
  readonly onAwaited: (path: string) => void;
  /** A file was renamed and others after it, faster than they are read on. */
  readonly onGivenUp: (path: string) => void;
}

type Source<Line, Input> = Input & FollowedInput & MergeSource<Line> & { hasMore: boolean };

export class MergedInputs<Line, Input extends MergedInput> {
  readonly problems: Problem[] = [];
  #following: Following<Source<Line, Input>> | undefined;
  #current: Source<Line, Input> | undefined;

  /** What is not there yet. */
  get awaited(): readonly Input[] {
    return this.#following?.awaited ?? [];
  }

  /** False when no file can be followed any more. */
  get isOpen(): boolean {
    return this.#following?.isOpen ?? false;
  }

  /** The input that was entered last. */
  get current(): Input {
    return this.#entered;
  }

  /** A line of the current input, which waits for its turn. @param timeMs NaN without a time */
  keep(line: Line, timeMs: number): void {
    this.#entered.queue.add(line, timeMs);
  }

  get #entered(): Source<Line, Input> {
    if (this.#current === undefined) throw new Error('a line came before any input was read');
    return this.#current;
  }

  /**
   * Follows files until the signal, or until none can be followed; what waits for its turn then gets it, and an unfinished
   * line counts as a line.
   * @returns whether the files hold more than was read
   */
  async follow(inputs: readonly Input[], turns: MergingTurns<Line, Input>): Promise<boolean> {
    const { order, take } = turns;
    const sources = inputs.map((input) => this.#source(input, turns));
    const following = new Following(sources);
    this.#following = following;
    const hasMore = await following.run({
      signal: turns.signal,
      isDue: ({ queue }) => queue.isEmpty,
      onPolled: (source, more) => {
        source.hasMore = more;
        source.onRead();
      },
      onRound: (more) => {
        takeInOrder(sources, order, take);
        return turns.onRound(more);
      },
      onAwaited: ({ path }) => turns.onAwaited(path),
      onProblem: (problem) => this.problems.push(problem),
    });
    takeInOrder(sources, order, take);
    return hasMore;
  }

  #source(input: Input, { onGivenUp }: MergingTurns<Line, Input>): Source<Line, Input> {
    const source: Source<Line, Input> = {
      ...input,
      queue: new LineQueue<Line>(),
      hasMore: true,
      pollBytes: POLL_BYTES,
      onEnter: () => {
        this.#current = source;
        input.onEnter();
      },
      onGivenUp: () => onGivenUp(input.path),
    };
    return source;
  }
}
