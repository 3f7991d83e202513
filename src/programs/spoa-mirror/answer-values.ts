/**
 * Samples of values that differ, for debugging (--answers-values): the one place where values of answers are written. Both answers to a
 * request have to come to the same process within a short time; of all others nothing is seen here.
 */
import type { AnswerPrint } from '../../answers/answer.ts';
import { compareAnswers, type Difference } from '../../answers/differences.ts';
import type { RawAnswer } from '../../answers/fingerprint.ts';
import { ELEMENT, ID_MEMBER, isIdName, memberPiece, ROOT_PATH } from '../../answers/paths.ts';
import { formatTime } from '../../mirror/record.ts';
import { cutText } from '../../text/cut.ts';
import { escapeJson } from '../../text/json.ts';

/** Answers that are kept until the other one comes, and what they hold. */
const MAX_KEPT = 500;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const OVERHEAD_BYTES = 1024;
/** The most characters of a value, the most values of a side, and the most lines of a pair. */
const LONGEST_VALUE = 200;
const MOST_VALUES = 3;
const MOST_LINES = 5;
/** As deep as a fingerprint looks. */
const DEEPEST = 32;

export type Side = 'production' | 'mirror';

interface Kept {
  readonly side: Side;
  readonly answer: RawAnswer;
  readonly print: AnswerPrint;
  readonly bytes: number;
}

export class AnswerValues {
  #left: number;
  readonly #write: (line: string) => void;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** @param most how many lines are written, from now on */
  constructor(most: number, write: (line: string) => void) {
    this.#left = most;
    this.#write = write;
  }

  see(side: Side, uniqueId: string, answer: RawAnswer, print: AnswerPrint): void {
    if (this.#left <= 0) return;
    const other = this.#kept.get(uniqueId);
    if (other === undefined) this.#keep(uniqueId, { side, answer, print, bytes: sizeOf(answer) });
    else if (other.side !== side) {
      this.#drop(uniqueId, other);
      const mine = { answer, print };
      if (side === 'mirror') this.#compare(uniqueId, other, mine);
      else this.#compare(uniqueId, mine, other);
    }
    if (this.#left <= 0) this.#kept.clear();
  }

  #keep(uniqueId: string, kept: Kept): void {
    this.#kept.set(uniqueId, kept);
    this.#bytes += kept.bytes;
    for (const [id, oldest] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT && this.#bytes <= MAX_KEPT_BYTES) break;
      this.#drop(id, oldest);
    }
  }

  #drop(uniqueId: string, { bytes }: Kept): void {
    this.#kept.delete(uniqueId);
    this.#bytes -= bytes;
  }

  #compare(uniqueId: string, production: Pick<Kept, 'answer' | 'print'>, mirror: Pick<Kept, 'answer' | 'print'>): void {
    const { differences } = compareAnswers(production.print, mirror.print);
    for (const difference of differences.slice(0, Math.min(MOST_LINES, this.#left))) {
      this.#left--;
      const line = {
        ts: formatTime(Date.now()),
        unique_id: uniqueId,
        place: difference.place,
        kind: difference.kind,
        production: valuesOf(production, difference),
        mirror: valuesOf(mirror, difference),
      };
      this.#write(escapeJson(JSON.stringify(line)));
    }
  }
}

function sizeOf({ body, headers }: RawAnswer): number {
  return (
    OVERHEAD_BYTES +
    2 * (body?.length ?? 0) +
    headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  );
}

/** What stands at the place of a difference, as far as it can be shown. */
function valuesOf({ answer, print }: Pick<Kept, 'answer' | 'print'>, { place }: Difference): readonly string[] {
  const header = /^header (.*)$/.exec(place)?.[1] ?? (place === 'content-type' ? place : undefined);
  const all =
    header !== undefined
      ? answer.headers.filter(([name]) => name === header).map(([, value]) => value)
      : place === 'status'
        ? [String(answer.status)]
        : place === 'length'
          ? [String(print.body.length ?? print.body.bytes)]
          : bodyValues(answer, print, place);
  return all.slice(0, MOST_VALUES).map((value) => cutText(value, LONGEST_VALUE));
}

function bodyValues({ body }: RawAnswer, { body: { state, encoding } }: AnswerPrint, place: string): readonly string[] {
  if (state !== 'whole' || body === undefined) return [`(${state})`];
  if (encoding !== null && encoding !== 'identity') return [`(${encoding})`];
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  if (place === 'body') return [text];
  const found: string[] = [];
  try {
    collect(JSON.parse(text), ROOT_PATH, place, 0, found);
  } catch {
    return [text];
  }
  return found;
}

/** Collects what stands at a path, as JSON, in the order of the document. */
function collect(value: unknown, path: string, wanted: string, depth: number, into: string[]): void {
  if (into.length >= MOST_VALUES || depth > DEEPEST || !wanted.startsWith(path)) return;
  if (path === wanted) into.push(JSON.stringify(value));
  else if (Array.isArray(value)) for (const each of value) collect(each, path + ELEMENT, wanted, depth + 1, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value))
      collect(each, path + (isIdName(name) ? ID_MEMBER : memberPiece(name)), wanted, depth + 1, into);
  }
}
