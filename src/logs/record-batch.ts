/** Requests on their way from one thread to another: a list of numbers and one text, which cost little to hand over. */
import type { AccessRecord } from './access-record.ts';

const FLAGS = { malformed: 1, noServer: 2, hasContentType: 4, isSentCut: 8 } as const;

/** Numbers of a row: eight of the record, its flags, the hash of its line, the number of its answer, and where each of ten texts ends. */
const ROW = 21;
/** Of those that wait, sixteen of them, nothing is to be seen in the memory. */
const ROWS = 1024;

export interface RecordBatch {
  readonly rows: number;
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: string;
}

export class RecordBatcher {
  readonly #onBatch: (batch: RecordBatch) => void;
  #numbers = new Float64Array(ROWS * ROW);
  #texts: string[] = [];
  #length = 0;
  #rows = 0;

  constructor(onBatch: (batch: RecordBatch) => void) {
    this.#onBatch = onBatch;
  }

  /** @param answer its number: answers themselves stay on the thread that reads them */
  add(record: AccessRecord, lineHash: number, answer: number): void {
    const numbers = this.#numbers;
    const at = this.#rows * ROW;
    // Written out: a loop over names takes several times as long.
    numbers[at] = record.timeMs;
    numbers[at + 1] = record.status;
    numbers[at + 2] = record.firstByteMs;
    numbers[at + 3] = record.totalMs;
    numbers[at + 4] = record.sid;
    numbers[at + 5] = record.pid;
    numbers[at + 6] = record.responseBytes ?? -1;
    numbers[at + 7] = record.sentBytes ?? -1;
    numbers[at + 8] = flagsOf(record);
    numbers[at + 9] = lineHash;
    numbers[at + 10] = answer;
    numbers[at + 11] = this.#text(record.method);
    numbers[at + 12] = this.#text(record.target);
    numbers[at + 13] = this.#text(record.termination);
    numbers[at + 14] = this.#text(record.uniqueId);
    numbers[at + 15] = this.#text(record.traceId);
    numbers[at + 16] = this.#text(record.spanId);
    numbers[at + 17] = this.#text(record.destination);
    numbers[at + 18] = this.#text(record.host);
    numbers[at + 19] = this.#text(record.error);
    numbers[at + 20] = this.#text(record.contentType);
    if (++this.#rows === ROWS) this.flush();
  }

  /** Where the text ends. */
  #text(text = ''): number {
    if (text === '') return this.#length;
    this.#texts.push(text);
    this.#length += text.length;
    return this.#length;
  }

  flush(): void {
    if (this.#rows === 0) return;
    this.#onBatch({ rows: this.#rows, numbers: this.#numbers, texts: this.#texts.join('') });
    this.#numbers = new Float64Array(ROWS * ROW);
    this.#texts = [];
    this.#length = 0;
    this.#rows = 0;
  }
}

function flagsOf({ malformed, noServer, contentType, isSentCut }: AccessRecord): number {
  return (
    (malformed ? FLAGS.malformed : 0) |
    (noServer ? FLAGS.noServer : 0) |
    (contentType === undefined ? 0 : FLAGS.hasContentType) |
    (isSentCut === true ? FLAGS.isSentCut : 0)
  );
}

/** Gives each record with the hash of its line and the number of its answer. */
export function unpack(
  { rows, numbers, texts }: RecordBatch,
  take: (record: AccessRecord, lineHash: number, answer: number) => void,
): void {
  let start = 0;
  const next = (at: number) => {
    const end = numbers[at] as number;
    if (end === start) return '';
    const text = texts.slice(start, end);
    start = end;
    return text;
  };
  for (let row = 0; row < rows; row++) {
    const at = row * ROW;
    const flags = numbers[at + 8] as number;
    const record = {
      timeMs: numbers[at] as number,
      status: numbers[at + 1] as number,
      firstByteMs: numbers[at + 2] as number,
      totalMs: numbers[at + 3] as number,
      sid: numbers[at + 4] as number,
      pid: numbers[at + 5] as number,
      responseBytes: numbers[at + 6] as number,
      sentBytes: numbers[at + 7] as number,
      malformed: (flags & FLAGS.malformed) !== 0,
      noServer: (flags & FLAGS.noServer) !== 0,
      isSentCut: (flags & FLAGS.isSentCut) !== 0,
      method: next(at + 11),
      target: next(at + 12),
      termination: next(at + 13),
      uniqueId: next(at + 14),
      traceId: next(at + 15),
      spanId: next(at + 16),
      destination: next(at + 17),
      host: next(at + 18),
      error: next(at + 19),
    };
    const contentType = next(at + 20);
    // That there is none is another thing than that nobody knows.
    const hasContentType = (flags & FLAGS.hasContentType) !== 0;
    take(hasContentType ? { ...record, contentType } : record, numbers[at + 9] as number, numbers[at + 10] as number);
  }
}
