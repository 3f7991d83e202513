/** The loop of everything that is followed: files that grow are looked at again and again, until the signal. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Problem, toProblem } from '../input-errors.ts';
import type { LineFeed } from '../line-feed.ts';
import { FollowedFile, type FollowOptions } from './followed-file.ts';

const POLL_MS = 250;

/** An input that is followed. */
export interface FollowedInput extends Omit<FollowOptions, 'now'> {
  readonly path: string;
  readonly createFeed: () => LineFeed;
}

export interface FollowingTurns<Input> {
  readonly signal: AbortSignal;
  /** Whether an input is to be read now; all are without it. */
  readonly isDue?: (input: Input) => boolean;
  /** Called when an input was read, or left for good; `hasMore` when there may be more of it at once. */
  readonly onPolled: (input: Input, hasMore: boolean) => void | Promise<void>;
  /** Called when each input that was due was read; `hasMore` when there may be more of some at once. */
  readonly onRound?: (hasMore: boolean) => void | Promise<void>;
  /** Called once after the first round for each file that is not there yet. */
  readonly onAwaited: (input: Input) => void;
  /** Called for a file that cannot be followed any more; the others are. */
  readonly onProblem: (problem: Problem) => void;
}

interface Followed<Input> {
  readonly input: Input;
  readonly file: FollowedFile;
  hasMore: boolean;
}

export class Following<Input extends FollowedInput> {
  #followed: readonly Followed<Input>[];

  constructor(inputs: readonly Input[]) {
    this.#followed = inputs.map((input) => {
      return { input, file: new FollowedFile(input.path, input.createFeed, input), hasMore: true };
    });
  }

  /** The inputs that are not there yet. */
  get awaited(): readonly Input[] {
    return this.#followed.filter(({ file }) => file.isAwaited).map(({ input }) => input);
  }

  /** False when no file can be followed any more. */
  get isOpen(): boolean {
    return this.#followed.length > 0;
  }

  /**
   * Reads until the signal, or until nothing can be followed. A signal that comes while it waits has it look once more.
   * Unfinished lines count as lines.
   * @returns whether the files hold more than was read
   */
  async run(turns: FollowingTurns<Input>): Promise<boolean> {
    try {
      let hasMore = await this.#round(turns);
      for (const input of this.awaited) turns.onAwaited(input);
      while (!turns.signal.aborted && this.isOpen) {
        await delay(hasMore ? 0 : POLL_MS, undefined, { signal: turns.signal }).catch(() => undefined);
        hasMore = await this.#round(turns);
      }
      for (const { input, file } of this.#followed) {
        file.close();
        await turns.onPolled(input, false);
      }
      return hasMore;
    } finally {
      for (const { file } of this.#followed) file.close();
    }
  }

  async #round(turns: FollowingTurns<Input>): Promise<boolean> {
    for (const followed of this.#followed) {
      if (turns.isDue?.(followed.input) === false) continue;
      try {
        followed.hasMore = followed.file.poll();
      } catch (error) {
        turns.onProblem(toProblem(error));
        followed.hasMore = false;
        this.#followed = this.#followed.filter((other) => other !== followed);
      }
      await turns.onPolled(followed.input, followed.hasMore);
    }
    const hasMore = this.#followed.some((followed) => followed.hasMore);
    await turns.onRound?.(hasMore);
    return hasMore;
  }
}
