/** Requests on their way from one thread to another: a list of numbers and one text, which cost little to hand over. */
import type { AccessRecord } from './access-record.ts';

const TEXTS = [
  'method',
  'target',
  'termination',
  'uniqueId',
  'traceId',
  'spanId',
  'destination',
  'host',
  'error',
  'contentType',
] as const;
const NUMBERS = ['timeMs', 'status', 'firstByteMs', 'totalMs', 'sid', 'pid'] as const;
const OPTIONAL_NUMBERS = ['responseBytes', 'sentBytes'] as const;
const FLAGS = { malformed: 1, noServer: 2, hasContentType: 4 } as const;

/** Numbers of a row: those of the record, its flags, the hash of its line, the number of its answer, and where each text ends. */
const ROW = NUMBERS.length + OPTIONAL_NUMBERS.length + 3 + TEXTS.length;
const ROWS = 4096;

export interface RecordBatch {
  readonly rows: number;
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: string;
}

export class RecordBatcher {
  readonly #onBatch: (batch: RecordBatch) => void;
  #numbers = new Float64Array(ROWS * ROW);
  #texts = '';
  #rows = 0;

  constructor(onBatch: (batch: RecordBatch) => void) {
    this.#onBatch = onBatch;
  }

  /** @param answer its number: answers themselves stay on the thread that reads them */
  add(record: AccessRecord, lineHash: number, answer: number): void {
    const numbers = this.#numbers;
    let at = this.#rows * ROW;
    for (const name of NUMBERS) numbers[at++] = record[name];
    for (const name of OPTIONAL_NUMBERS) numbers[at++] = record[name] ?? -1;
    numbers[at++] = flagsOf(record);
    numbers[at++] = lineHash;
    numbers[at++] = answer;
    for (const name of TEXTS) {
      this.#texts += record[name] ?? '';
      numbers[at++] = this.#texts.length;
    }
    if (++this.#rows === ROWS) this.flush();
  }

  flush(): void {
    if (this.#rows === 0) return;
    this.#onBatch({ rows: this.#rows, numbers: this.#numbers, texts: this.#texts });
    this.#numbers = new Float64Array(ROWS * ROW);
    this.#texts = '';
    this.#rows = 0;
  }
}

function flagsOf({ malformed, noServer, contentType }: AccessRecord): number {
  return (
    (malformed ? FLAGS.malformed : 0) |
    (noServer ? FLAGS.noServer : 0) |
    (contentType === undefined ? 0 : FLAGS.hasContentType)
  );
}

/** That there is none is another thing than that nobody knows. */
function contentTypeOf(flags: number, contentType: string): Pick<AccessRecord, 'contentType'> {
  return (flags & FLAGS.hasContentType) === 0 ? {} : { contentType };
}

/** Gives each record with the hash of its line and the number of its answer. */
export function unpack(
  { rows, numbers, texts }: RecordBatch,
  take: (record: AccessRecord, lineHash: number, answer: number) => void,
): void {
  let start = 0;
  for (let row = 0; row < rows; row++) {
    let at = row * ROW + NUMBERS.length + OPTIONAL_NUMBERS.length;
    const flags = numbers[at++] as number;
    const lineHash = numbers[at++] as number;
    const answer = numbers[at++] as number;
    const next = () => {
      const end = numbers[at++] as number;
      const text = texts.slice(start, end);
      start = end;
      return text;
    };
    const number = (index: number) => numbers[row * ROW + index] as number;
    take(
      {
        timeMs: number(0),
        status: number(1),
        firstByteMs: number(2),
        totalMs: number(3),
        sid: number(4),
        pid: number(5),
        responseBytes: number(6),
        sentBytes: number(7),
        malformed: (flags & FLAGS.malformed) !== 0,
        noServer: (flags & FLAGS.noServer) !== 0,
        method: next(),
        target: next(),
        termination: next(),
        uniqueId: next(),
        traceId: next(),
        spanId: next(),
        destination: next(),
        host: next(),
        error: next(),
        ...contentTypeOf(flags, next()),
      },
      lineHash,
      answer,
    );
  }
}
