/** The latest lines of the agent's record, as they stand there, by destination and by what became of the request. */
import { type ChosenLines, findLines, LineRing } from '../logs/line-ring.ts';
import { Int } from '../logs/row.ts';
import { isFailure } from '../status/mirror-errors.ts';
import { isAnswered, NO_STATUS } from './mirror-history.ts';
import {
  MAX_DESTINATIONS,
  MAX_ERRORS,
  type MirroredRequest,
  OTHER_DESTINATIONS,
  OTHER_ERRORS,
} from './mirror-tally.ts';

/** The latest lines of all requests, and of each outcome that is no success, which a flood of others must not wash away. */
const ALL_LINES = { lines: 16_384, bytes: 8 * 1024 * 1024 };
const OUTCOME_LINES = { lines: 512, bytes: 256 * 1024 };
const MOST_OUTCOMES = 32;
/** Different outcomes of different destinations; what comes after is one of `(other)`. */
const MOST_KEYS = 4096;

/** An outcome of a destination, named as they are in a summary. */
interface Key {
  readonly destination: string;
  /** A status or an error code. */
  readonly outcome: string;
  readonly failed: boolean;
}

/** What lines are wanted; a field that is absent is anything. */
export interface RecordChoice {
  readonly destination?: string;
  readonly outcome?: string;
  /** The text that is in the line, in small letters. */
  readonly text?: string;
}

export interface RecordLines {
  lines(choice: RecordChoice, most: number): ChosenLines;
  /** Whether a line that was found is of a failure. @param key of the line */
  isFailed(key: number): boolean;
}

export class MirrorLines {
  readonly #ring = new LineRing(ALL_LINES);
  readonly #rings = new Map<number, LineRing>();
  readonly #keys: Key[] = [];
  /** Numbers of keys by outcome, of each destination, and how many of these are errors. */
  readonly #destinations = new Map<string, { readonly numbers: Map<string, number>; errors: number }>();
  /** The row of the line that is entered, whose words but the key are 0. */
  readonly #row = new Int32Array(Math.max(...Object.values(Int)) + 1);
  readonly #rows = new Int32Array(1);
  #added = 0;

  add(request: MirroredRequest, destination: string, line: string): void {
    const { status, error } = request;
    const isAnswer = isAnswered(request);
    const key = isAnswer
      ? this.#keyOf(destination, String(status), isFailure(status), false)
      : this.#keyOf(destination, error === '' ? NO_STATUS : error, true, true);
    const bytes = Buffer.from(`${line}\n`);
    this.#row[Int.key] = key;
    this.#enter(this.#ring, bytes);
    if (!isAnswer || status < 200 || status >= 300) this.#enterApart(key, bytes);
    this.#added += 1;
  }

  #enter(ring: LineRing, bytes: Buffer): void {
    ring.enterRows(this.#row, this.#rows, 1, ring.copy(bytes, 0, bytes.length), this.#added);
  }

  #enterApart(key: number, bytes: Buffer): void {
    let ring = this.#rings.get(key);
    if (ring === undefined) {
      if (this.#rings.size >= MOST_OUTCOMES) return;
      ring = new LineRing(OUTCOME_LINES);
      this.#rings.set(key, ring);
    }
    this.#enter(ring, bytes);
  }

  /** The number of an outcome, bounded as a summary bounds it: the first ones have names. */
  #keyOf(given: string, outcome: string, failed: boolean, isError: boolean): number {
    const isKnown = this.#destinations.has(given) || this.#destinations.size < MAX_DESTINATIONS;
    const destination = isKnown ? given : OTHER_DESTINATIONS;
    let own = this.#destinations.get(destination);
    if (own === undefined) {
      own = { numbers: new Map(), errors: 0 };
      this.#destinations.set(destination, own);
    }
    const { numbers } = own;
    const known = numbers.get(outcome);
    if (known !== undefined) return known;
    const isOther = (isError && own.errors >= MAX_ERRORS) || this.#keys.length >= MOST_KEYS;
    const name = isOther ? OTHER_ERRORS : outcome;
    const there = numbers.get(name);
    if (there !== undefined) return there;
    if (isError) own.errors += 1;
    const number = this.#keys.push({ destination, outcome: name, failed }) - 1;
    numbers.set(name, number);
    return number;
  }

  /** The present state; with `still` a copy that does not change. */
  view(still = false): RecordLines {
    const all = [this.#ring, ...this.#rings.values()];
    const rings = still ? all.map((ring) => ring.snapshot()) : all;
    const keys = this.#keys;
    return {
      lines: ({ destination, outcome, text }, most) =>
        findLines(
          rings,
          (key) =>
            (destination === undefined || keys[key]?.destination === destination) &&
            (outcome === undefined || keys[key]?.outcome === outcome),
          text,
          most,
        ),
      isFailed: (key) => keys[key]?.failed === true,
    };
  }
}
