/**
 * Both sides as they grow, compared in the order in which their lines were written, by clocks that are as far apart as those of
 * the pairs so far. The clock of the comparison goes on only while there is nothing more to read: a line is never given up
 * for one that is in a file already.
 */
import type { AccessRecord, LoggedAnswer } from '../logs/access-record.ts';
import type { Problem } from '../logs/input-errors.ts';
import { type TimeOptions, timesFor } from '../logs/inputs.ts';
import { LineFeed } from '../logs/line-feed.ts';
import { type MergedInput, MergedInputs } from '../logs/merged-inputs.ts';
import type { LineHeader, SpoeEvent } from '../logs/record.ts';
import { LineTally } from '../logs/tally.ts';
import type { TimeResolver } from '../logs/time.ts';
import type { Added } from './collection.ts';
import type { LiveDiff } from './live-diff.ts';
import { describeSide, type LineSink, type Side, type SideFacts } from './sides.ts';

/** A line that waits for its turn. */
type SideLine =
  | {
      readonly kind: 'production' | 'mirror' | 'noise';
      readonly record: AccessRecord;
      readonly hash: number;
      /** Number of its file. */
      readonly input: number;
    }
  | { readonly kind: 'answer'; readonly of: 'mirror' | 'noise'; readonly answer: LoggedAnswer }
  | { readonly kind: 'spoe'; readonly event: SpoeEvent; readonly header: LineHeader; readonly hash: number };

interface SideFile extends MergedInput {
  readonly side: Side;
  /** For SPOE lines, whose times the scanner does not pass on. */
  readonly times: TimeResolver;
}

/** What happens around the reading. */
export interface FollowTurns {
  readonly signal: AbortSignal;
  /** What could be compared is; a promise is waited for. */
  readonly onTurn: () => void | Promise<void>;
  /** A file is not there yet. */
  readonly onAwaited: (path: string) => void;
  /** A file was renamed and others after it, faster than they are read on. */
  readonly onGivenUp: (path: string) => void;
}

export class FollowedSides {
  readonly #live: LiveDiff;
  readonly #files = new MergedInputs<SideLine, SideFile>();
  /** What the scanners were told of lines that waited was that they are no duplicates. */
  readonly #duplicates = new Map<Side, Map<string, number>>();
  /** The clock of the comparison, ms; and when it was looked at last, if everything was read then. */
  #clockMs = 0;
  #readAtMs: number | undefined;
  #isCutShort = false;

  constructor(live: LiveDiff) {
    this.#live = live;
  }

  /** What scanners give their lines to: they are kept until it is their turn. */
  readonly sink: LineSink = {
    addProduction: (record, hash, input) => this.#keep({ kind: 'production', record, hash, input }, record.timeMs),
    addMirror: (record, hash, input) => this.#keep({ kind: 'mirror', record, hash, input }, record.timeMs),
    addNoise: (record, hash, input) => this.#keep({ kind: 'noise', record, hash, input }, record.timeMs),
    addAnswer: (of, answer) => this.#keep({ kind: 'answer', of, answer }, answer.timeMs),
    addSpoe: (event, header, hash) => this.#keep({ kind: 'spoe', event, header, hash }, this.#timeOf(header)),
  };

  /** Files that could not be followed any more. */
  get problems(): readonly Problem[] {
    return this.#files.problems;
  }

  /** Paths that are not there yet. */
  get awaited(): readonly string[] {
    return this.#files.awaited.map(({ path }) => path);
  }

  /** False when no file can be followed any more. */
  get isOpen(): boolean {
    return this.#files.isOpen;
  }

  /** The signal came before all of what the files hold was read. */
  get isCutShort(): boolean {
    return this.#isCutShort;
  }

  /** Everything that is there is read, and no file is waited for. */
  get isCaughtUp(): boolean {
    return this.#readAtMs !== undefined && this.#files.awaited.length === 0;
  }

  /** Follows the files of sides that were opened for `sink`, until the signal or until none can be followed. */
  async follow(sides: readonly Side[], options: TimeOptions, turns: FollowTurns): Promise<void> {
    const { onTurn, ...others } = turns;
    const files = sides.flatMap((side) => side.paths.map((path) => toFile(side, path, options)));
    this.#isCutShort = await this.#files.follow(files, {
      ...others,
      order: {
        aheadMs: ({ side }) => (isOfMirror(side) ? this.#live.skewMs : 0),
        isFirst: ({ side }) => {
          const { wanted } = this.#live;
          return wanted !== undefined && isOfMirror(side) === (wanted === 'mirror');
        },
      },
      take: (line, file) => this.#take(line, file),
      onRound: (hasMore) => {
        if (hasMore) this.#readAtMs = undefined;
        else this.#advance();
        return onTurn();
      },
    });
  }

  /** As describeSide, with the duplicates that only showed when it was their turn. */
  describe(side: Side): SideFacts {
    const facts = describeSide(side);
    const ofSide = this.#duplicates.get(side);
    const inputs = facts.inputs.map((input) => ({ ...input, duplicateLines: ofSide?.get(input.path) ?? 0 }));
    return { ...facts, inputs };
  }

  #keep(line: SideLine, timeMs: number): Added {
    this.#files.keep(line, timeMs);
    return 'added';
  }

  #timeOf({ time }: LineHeader): number {
    return time === undefined ? Number.NaN : this.#files.current.times.resolve(time);
  }

  #take(line: SideLine, { side, path }: SideFile): void {
    if (this.#add(line) !== 'duplicate') return;
    const ofSide = this.#duplicates.get(side) ?? new Map<string, number>();
    ofSide.set(path, (ofSide.get(path) ?? 0) + 1);
    this.#duplicates.set(side, ofSide);
  }

  #add(line: SideLine): Added {
    switch (line.kind) {
      case 'production':
        return this.#live.addProduction(line.record, line.hash, line.input, this.#clockMs);
      case 'mirror':
        return this.#live.addMirror(line.record, line.hash, line.input, this.#clockMs);
      case 'noise':
        return this.#live.addNoise(line.record, line.hash, line.input, this.#clockMs);
      case 'answer':
        this.#live.addAnswer(line.of, line.answer);
        return 'added';
      case 'spoe':
        return this.#live.addSpoe(line.event, line.header, line.hash, this.#clockMs);
    }
  }

  #advance(): void {
    const now = performance.now();
    this.#clockMs += now - (this.#readAtMs ?? now);
    this.#readAtMs = now;
    const { awaited } = this.#files;
    this.#live.advance(this.#clockMs, {
      forProduction: awaited.some(({ side }) => !isOfMirror(side)),
      forMirror: awaited.some(({ side }) => side.role === 'mirror'),
    });
  }
}

/** Its lines have the clock of the mirror's agent. */
function isOfMirror({ role }: Side): boolean {
  return role === 'mirror' || role === 'baseline';
}

function toFile(side: Side, path: string, options: TimeOptions): SideFile {
  const feedTimes = timesFor(path, options);
  return {
    side,
    path,
    times: timesFor(path, options),
    createFeed: () => new LineFeed(side.scanner, new LineTally(), feedTimes),
    onEnter: () => side.enter(path),
    // Lines that wait for their format are this file's: nobody else may be the current one when they come.
    onRead: () => side.scanner.settle(),
  };
}
