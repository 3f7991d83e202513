/**
 * Samples of values that differ, for debugging (--answers-values): the one place where values of answers are written. Both answers to a
 * request have to come to the same process within a short time; of all others nothing is seen here.
 */
import type { AnswerPrint } from '../../answers/answer.ts';
import { compareAnswers, type Difference } from '../../answers/differences.ts';
import type { RawAnswer } from '../../answers/fingerprint.ts';
import { isKnownToChange } from '../../answers/known-changes.ts';
import { valuesAt } from '../../answers/values.ts';
import { formatTime } from '../../mirror/record.ts';
import { cutText } from '../../text/cut.ts';
import { escapeJson } from '../../text/json.ts';

/** Requests of which answers are kept until the others come, and what they hold. */
const MAX_KEPT = 500;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const OVERHEAD_BYTES = 1024;
/** The most characters of a value, the most values of a side, the most lines of a pair, and of a place: rare ones are to be seen as well. */
const LONGEST_VALUE = 200;
const MOST_VALUES = 3;
const MOST_LINES = 5;
const MOST_OF_PLACE = 3;

export type Side = 'production' | 'mirror';

interface Seen {
  readonly answer: RawAnswer;
  readonly print: AnswerPrint;
  /** Of a mirror, where there are several. */
  readonly destination: string | undefined;
}

/** What is kept of a request. */
interface Kept {
  production: Seen | undefined;
  /** Answers of mirrors that came before production's. */
  waiting: Seen[];
  /** Mirrors whose answers have come. */
  mirrors: number;
  bytes: number;
}

export class AnswerValues {
  #left: number;
  readonly #destinations: number;
  readonly #write: (line: string) => void;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  /** How many lines a place has, by destination, kind and place: no more of them than lines. */
  readonly #written = new Map<string, number>();

  /** @param most how many lines are written, from now on @param destinations how many mirrors answer a request */
  constructor(most: number, destinations: number, write: (line: string) => void) {
    this.#left = most;
    this.#destinations = destinations;
    this.#write = write;
  }

  see(side: Side, uniqueId: string, answer: RawAnswer, print: AnswerPrint, destination?: string): void {
    if (this.#left <= 0) return;
    const kept = this.#keptOf(uniqueId);
    const seen = { answer, print, destination };
    if (side === 'production') kept.production = seen;
    else {
      kept.waiting.push(seen);
      kept.mirrors++;
    }
    this.#grow(kept, sizeOf(answer));
    const { production } = kept;
    if (production !== undefined) {
      for (const mirror of kept.waiting) {
        this.#compare(uniqueId, production, mirror);
        this.#grow(kept, -sizeOf(mirror.answer));
      }
      kept.waiting = [];
      if (kept.mirrors >= this.#destinations) this.#drop(uniqueId, kept);
    }
    this.#makeRoom();
  }

  #keptOf(uniqueId: string): Kept {
    let kept = this.#kept.get(uniqueId);
    if (kept === undefined) {
      kept = { production: undefined, waiting: [], mirrors: 0, bytes: 0 };
      this.#kept.set(uniqueId, kept);
    }
    return kept;
  }

  #grow(kept: Kept, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
  }

  #makeRoom(): void {
    if (this.#left <= 0) this.#kept.clear();
    for (const [id, oldest] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT && this.#bytes <= MAX_KEPT_BYTES) break;
      this.#drop(id, oldest);
    }
  }

  #drop(uniqueId: string, { bytes }: Kept): void {
    this.#kept.delete(uniqueId);
    this.#bytes -= bytes;
  }

  #compare(uniqueId: string, production: Seen, mirror: Seen): void {
    const { differences } = compareAnswers(production.print, mirror.print);
    const { destination } = mirror;
    const news = differences.filter((each) => !isKnownToChange(each) && this.#isRare(destination, each));
    for (const difference of news.slice(0, Math.min(MOST_LINES, this.#left))) {
      this.#left--;
      const name = nameOf(destination, difference);
      this.#written.set(name, (this.#written.get(name) ?? 0) + 1);
      const line = {
        ts: formatTime(Date.now()),
        unique_id: uniqueId,
        ...(destination !== undefined && { destination }),
        place: difference.place,
        kind: difference.kind,
        production: shown(production, difference),
        mirror: shown(mirror, difference),
      };
      this.#write(escapeJson(JSON.stringify(line)));
    }
  }

  #isRare(destination: string | undefined, difference: Difference): boolean {
    return (this.#written.get(nameOf(destination, difference)) ?? 0) < MOST_OF_PLACE;
  }
}

function nameOf(destination: string | undefined, { place, kind }: Difference): string {
  return `${destination ?? ''} ${kind} ${place}`;
}

function sizeOf({ body, headers }: RawAnswer): number {
  return (
    OVERHEAD_BYTES +
    2 * (body?.length ?? 0) +
    headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  );
}

/** What stands at the place of a difference, as far as it can be shown. */
function shown({ answer, print }: Seen, difference: Difference): readonly string[] {
  return valuesAt(answer, print, difference, MOST_VALUES).map((value) => cutText(value, LONGEST_VALUE));
}
