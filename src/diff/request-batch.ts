/**
 * Requests on their way from one thread to another: a list of numbers, and texts as the words that a table looks for, with their
 * hashes. What is read there costs the thread that takes it no string, and none of its garbage.
 */
import type { AccessRecord } from '../logs/access-record.ts';
import { spanOf } from './join/ids.ts';
import { boundedTarget, errorOf } from './join/record-values.ts';
import { hashWords, mostWords, type TextTable, wordsOf, writeText } from './text-table.ts';

/** Numbers of a row, in this order; those of texts are of `few`. */
const Place = {
  timeMs: 0,
  status: 1,
  firstByteMs: 2,
  totalMs: 3,
  sid: 4,
  pid: 5,
  responseBytes: 6,
  sentBytes: 7,
  lineHash: 8,
  answer: 9,
  span: 10,
  method: 11,
  host: 12,
  destination: 13,
  error: 14,
  contentType: 15,
} as const;
const ROW = 16;
/** Of those that wait, sixteen of them, nothing is to be seen in the memory. */
const ROWS = 1024;
/** Of usual ids and targets it is enough; of longer ones there are fewer in a batch. */
const WORDS = 40 * ROWS;
/** What stands before the words of a text: its hash and its length in bytes. */
const TEXT_HEAD_WORDS = 2;
/** A media type that the log does not tell. */
const UNKNOWN = -1;

export interface RequestBatch {
  readonly rows: number;
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Of each row its id, trace and target: hash, length in bytes, and the text as UTF-8, with zeros up to a whole word. */
  readonly words: Int32Array<ArrayBuffer>;
  /** Texts that many rows share. */
  readonly few: readonly string[];
}

/** What a comparison keeps of a line of the mirror, but for the texts that tables have. */
export interface ReadRequest
  extends Pick<AccessRecord, 'timeMs' | 'status' | 'firstByteMs' | 'totalMs' | 'sid' | 'pid' | 'method' | 'host'>,
    Pick<AccessRecord, 'responseBytes' | 'sentBytes' | 'destination'> {
  readonly contentType?: string | undefined;
}

/** The numbers of a request's texts in their tables, and its spanOf. */
export interface TextNumbers {
  readonly uniqueId: number;
  readonly traceId: number;
  readonly target: number;
  readonly span: number;
}

export class RequestBatcher {
  readonly #seed: number;
  readonly #onBatch: (batch: RequestBatch) => void;
  #numbers = new Float64Array(ROWS * ROW);
  #words = new Int32Array(WORDS);
  #bytes = Buffer.from(this.#words.buffer);
  #used = 0;
  #few: string[] = [];
  readonly #fewNumbers = new Map<string, number>();
  #rows = 0;

  /** @param seed TEXT_SEED of the thread that the batches are for */
  constructor(seed: number, onBatch: (batch: RequestBatch) => void) {
    this.#seed = seed;
    this.#onBatch = onBatch;
  }

  /** @param answer its number: answers themselves stay on the thread that reads them */
  add(record: AccessRecord, lineHash: number, answer: number): void {
    const { uniqueId, traceId, spanId } = record;
    const target = boundedTarget(record.target);
    this.#makeRoom(3 * TEXT_HEAD_WORDS + mostWords(uniqueId) + mostWords(traceId) + mostWords(target));
    this.#write(uniqueId);
    this.#write(traceId);
    this.#write(target);
    const numbers = this.#numbers;
    const at = this.#rows * ROW;
    // Written out: a loop over names takes several times as long.
    numbers[at + Place.timeMs] = record.timeMs;
    numbers[at + Place.status] = record.status;
    numbers[at + Place.firstByteMs] = record.firstByteMs;
    numbers[at + Place.totalMs] = record.totalMs;
    numbers[at + Place.sid] = record.sid;
    numbers[at + Place.pid] = record.pid;
    numbers[at + Place.responseBytes] = record.responseBytes ?? -1;
    numbers[at + Place.sentBytes] = record.sentBytes ?? -1;
    numbers[at + Place.lineHash] = lineHash;
    numbers[at + Place.answer] = answer;
    numbers[at + Place.span] = spanOf(traceId, spanId);
    numbers[at + Place.method] = this.#numberOf(record.method, Place.method);
    numbers[at + Place.host] = this.#numberOf(record.host, Place.host);
    numbers[at + Place.destination] = this.#numberOf(record.destination ?? '', Place.destination);
    numbers[at + Place.error] = this.#numberOf(errorOf(record), Place.error);
    const { contentType } = record;
    numbers[at + Place.contentType] =
      contentType === undefined ? UNKNOWN : this.#numberOf(contentType, Place.contentType);
    if (++this.#rows === ROWS) this.flush();
  }

  flush(): void {
    if (this.#rows === 0) return;
    this.#onBatch({ rows: this.#rows, numbers: this.#numbers, words: this.#words, few: this.#few });
    this.#numbers = new Float64Array(ROWS * ROW);
    this.#renewWords(WORDS);
    this.#few = [];
    this.#fewNumbers.clear();
    this.#rows = 0;
  }

  /** @param words of a row, at most */
  #makeRoom(words: number): void {
    if (this.#used + words <= this.#words.length) return;
    this.flush();
    if (words > this.#words.length) this.#renewWords(words);
  }

  #renewWords(length: number): void {
    this.#words = new Int32Array(length);
    this.#bytes = Buffer.from(this.#words.buffer);
    this.#used = 0;
  }

  #write(text: string): void {
    const words = this.#words;
    const at = this.#used + TEXT_HEAD_WORDS;
    const length = text === '' ? 0 : writeText(text, this.#bytes, 4 * at);
    words[at - 2] = length === 0 ? 0 : hashWords(words, at, length, this.#seed);
    words[at - 1] = length;
    this.#used = at + wordsOf(length);
  }

  /** @param place the text of the row before is mostly the same one */
  #numberOf(text: string, place: number): number {
    const few = this.#few;
    if (this.#rows > 0) {
      const last = this.#numbers[(this.#rows - 1) * ROW + place] as number;
      if (few[last] === text) return last;
    }
    const known = this.#fewNumbers.get(text);
    if (known !== undefined) return known;
    this.#fewNumbers.set(text, few.length);
    return few.push(text) - 1;
  }
}

/** Gives each request, its texts put into their tables. The object of their numbers is the same one for all. */
export function unpack(
  { rows, numbers, words, few }: RequestBatch,
  tables: { readonly [text in 'uniqueIds' | 'traceIds' | 'targets']: TextTable },
  take: (request: ReadRequest, texts: TextNumbers, error: string, lineHash: number, answer: number) => void,
): void {
  const texts = { uniqueId: 0, traceId: 0, target: 0, span: 0 };
  const { uniqueIds, traceIds, targets } = tables;
  let start = 0;
  const next = (table: TextTable) => {
    const length = words[start + 1] as number;
    const number = table.internWords(words, start + TEXT_HEAD_WORDS, length, words[start] as number);
    start += TEXT_HEAD_WORDS + wordsOf(length);
    return number;
  };
  lookAhead({ rows, words }, uniqueIds, targets);
  const textAt = (at: number) => few[numbers[at] as number] as string;
  for (let row = 0; row < rows; row++) {
    const at = row * ROW;
    texts.uniqueId = next(uniqueIds);
    texts.traceId = next(traceIds);
    texts.target = next(targets);
    texts.span = numbers[at + Place.span] as number;
    const contentType = numbers[at + Place.contentType] as number;
    const request = {
      timeMs: numbers[at + Place.timeMs] as number,
      status: numbers[at + Place.status] as number,
      firstByteMs: numbers[at + Place.firstByteMs] as number,
      totalMs: numbers[at + Place.totalMs] as number,
      sid: numbers[at + Place.sid] as number,
      pid: numbers[at + Place.pid] as number,
      responseBytes: numbers[at + Place.responseBytes] as number,
      sentBytes: numbers[at + Place.sentBytes] as number,
      method: textAt(at + Place.method),
      host: textAt(at + Place.host),
      destination: textAt(at + Place.destination),
      contentType: contentType === UNKNOWN ? undefined : few[contentType],
    };
    const error = textAt(at + Place.error);
    take(request, texts, error, numbers[at + Place.lineHash] as number, numbers[at + Place.answer] as number);
  }
}

const lookedFor = { uniqueIds: new Int32Array(ROWS), targets: new Int32Array(ROWS) };

/** TextTable.look of a batch. */
function lookAhead(
  { rows, words }: Pick<RequestBatch, 'rows' | 'words'>,
  uniqueIds: TextTable,
  targets: TextTable,
): void {
  let start = 0;
  for (let row = 0; row < rows; row++) {
    lookedFor.uniqueIds[row] = words[start] as number;
    start += TEXT_HEAD_WORDS + wordsOf(words[start + 1] as number);
    start += TEXT_HEAD_WORDS + wordsOf(words[start + 1] as number);
    lookedFor.targets[row] = words[start] as number;
    start += TEXT_HEAD_WORDS + wordsOf(words[start + 1] as number);
  }
  uniqueIds.look(lookedFor.uniqueIds, rows);
  targets.look(lookedFor.targets, rows);
}
