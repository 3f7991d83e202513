/**
 * Answers of production and of the mirror, joined by the unique id, whichever comes first. Both are prints: they are compared
 * as soon as both are there, and what is kept then is what differs. What waits is bounded in bytes; the oldest is given up.
 */
import type { AnswerPrint, BodyState } from '../../answers/answer.ts';
import { type Comparison, compareAnswers } from '../../answers/differences.ts';
import { readAnswer } from '../../answers/read.ts';
import { detached } from './detached.ts';
import { KnownPlaces } from './known-places.ts';
import { Queue, type Queued } from './queue.ts';

/** What of the mirror's answer differs from production's. */
export interface ComparedAnswers extends Comparison {
  readonly states: { readonly production: BodyState; readonly mirror: BodyState };
}

/** Besides their texts: an entry, its id, and its place in the table. */
const ENTRY_BYTES = 400;
/** Answers of production that were compared are kept for a while, for other destinations and retries: this part of the bytes. */
const COMPARED_PART = 1 / 16;
/** Prints of one id on each side: two agents that heard it, retries. More are of a client that makes ids up. */
const MOST_OF_ONE = 16;

/** What is kept of one id. */
class Entry<T> implements Queued<Entry<T>> {
  readonly id: string;
  /** Prints of production's answer. */
  readonly production: string[] = [];
  /** Answers of the mirror that were not compared yet. */
  mirror: { readonly text: string; readonly target: T }[] = [];
  /** Some were. */
  isCompared = false;
  shelf: Shelf<T> | undefined;
  bytes = 0;
  before: Entry<T> | undefined;
  after: Entry<T> | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** Answers of which the other one did not come. */
  get alone(): number {
    return this.mirror.length + (this.isCompared ? 0 : this.production.length);
  }
}

/** Entries, the oldest first, and how much they hold. */
class Shelf<T> {
  readonly entries = new Queue<Entry<T>>();
  readonly maxBytes: number;
  bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }
}

export interface AnswerJoinOptions<T> {
  /** What may wait, in bytes. */
  readonly maxBytes: number;
  /**
   * Both answers are there. Where their hashes are of different keys the body is `other-key`, and a comparison may follow when
   * production's answer comes again, as another agent heard it.
   */
  readonly onCompared: (target: T, compared: ComparedAnswers) => void;
}

/** @typeParam T what stands for an answer of the mirror */
export class AnswerJoin<T> {
  /** Of all answers that met another one. */
  readonly places = new KnownPlaces();
  readonly #onCompared: AnswerJoinOptions<T>['onCompared'];
  readonly #entries = new Map<string, Entry<T>>();
  readonly #waiting: Shelf<T>;
  readonly #compared: Shelf<T>;
  #givenUp = 0;

  constructor({ maxBytes, onCompared }: AnswerJoinOptions<T>) {
    this.#onCompared = onCompared;
    this.#waiting = new Shelf(maxBytes);
    this.#compared = new Shelf(maxBytes * COMPARED_PART);
  }

  /** Answers that were given up before their other one came. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Answers whose other one has not come yet. */
  get alone(): number {
    let alone = 0;
    for (const entry of this.#waiting.entries) alone += entry.alone;
    return alone;
  }

  /** What is held. */
  get bytes(): number {
    return this.#waiting.bytes + this.#compared.bytes;
  }

  /** @param answer the JSON of a print, as all here */
  addProduction(id: string, answer: string): void {
    const entry = this.#entryOf(id);
    if (entry.production.length === MOST_OF_ONE || entry.production.includes(answer)) return;
    const text = detached(answer);
    entry.production.push(text);
    entry.mirror = entry.mirror.filter((each) => !this.#compare(entry, [text], each.text, each.target));
    this.#place(entry);
  }

  addMirror(id: string, answer: string, target: T): void {
    const entry = this.#entryOf(id);
    if (!this.#compare(entry, entry.production, answer, target)) {
      if (entry.mirror.length < MOST_OF_ONE) entry.mirror.push({ text: detached(answer), target });
      else this.#givenUp++;
    }
    this.#place(entry);
  }

  #entryOf(id: string): Entry<T> {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = new Entry(detached(id));
      this.#entries.set(entry.id, entry);
    }
    return entry;
  }

  /** Whether one of production's prints has the key of the mirror's. */
  #compare(entry: Entry<T>, production: readonly string[], mirror: string, target: T): boolean {
    const after = production.length === 0 ? undefined : readAnswer(mirror);
    if (after === undefined) return false;
    for (const text of production) {
      const before = readAnswer(text);
      if (before === undefined) continue;
      this.#onCompared(target, comparedOf(before, after));
      if (before.key !== after.key) continue;
      this.places.add(before);
      this.places.add(after);
      entry.isCompared = true;
      return true;
    }
    return false;
  }

  /** Puts an entry that has changed where it belongs, behind all others, and makes room. */
  #place(entry: Entry<T>): void {
    this.#take(entry);
    const shelf = entry.isCompared && entry.mirror.length === 0 ? this.#compared : this.#waiting;
    entry.bytes = bytesOf(entry);
    entry.shelf = shelf;
    shelf.bytes += entry.bytes;
    shelf.entries.add(entry);
    while (shelf.bytes > shelf.maxBytes) this.#giveUp(shelf.entries.first as Entry<T>);
  }

  #take(entry: Entry<T>): void {
    if (entry.shelf === undefined) return;
    entry.shelf.bytes -= entry.bytes;
    entry.shelf.entries.remove(entry);
    entry.shelf = undefined;
  }

  #giveUp(entry: Entry<T>): void {
    this.#take(entry);
    this.#entries.delete(entry.id);
    this.#givenUp += entry.alone;
  }
}

function comparedOf(production: AnswerPrint, mirror: AnswerPrint): ComparedAnswers {
  const states = { production: production.body.state, mirror: mirror.body.state };
  return { ...compareAnswers(production, mirror), states };
}

function bytesOf<T>({ id, production, mirror }: Entry<T>): number {
  let bytes = ENTRY_BYTES + sizeOf(id);
  for (const text of production) bytes += sizeOf(text);
  for (const { text } of mirror) bytes += sizeOf(text);
  return bytes;
}

/** V8 keeps a text in bytes where each of its characters is one. */
function sizeOf(text: string): number {
  return /[^\0-\xff]/.test(text) ? 2 * text.length : text.length;
}
