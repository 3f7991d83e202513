/** What is kept of the requests of either side, as columns: a million of them take some hundred megabytes at most. */
import type { AccessRecord } from '../../../logs/access-record.ts';
import { isNoEvidence } from '../../../status/mirror-errors.ts';
import { UNREADABLE_TYPE } from '../../../text/media-type.ts';
import { NO_ANSWER } from '../../answer-reader.ts';
import { bytes, doubles, integers, LateColumn, shorts } from '../../column.ts';
import { DiffError } from '../../errors.ts';
import { durations, FewNumbers, moments } from '../../packed-column.ts';
import type { ReadRequest, TextNumbers } from '../../request-batch.ts';
import { NO_TEXT, TextTable } from '../../text-table.ts';
import {
  boundedBytes,
  boundedDuration,
  boundedMoment,
  boundedStatus,
  boundedTarget,
  errorOf,
} from '../record-values.ts';
import { flagsOf } from '../request-flags.ts';
import { KeyColumns, type RequestIds } from './request-ids.ts';

/** Tables of both sides. */
export interface RequestTexts {
  readonly targets: TextTable;
  readonly methods: TextTable;
}

/** A log that does not tell. */
const UNKNOWN_TYPE = -2;
/** More than there are; a server may make them up. */
const MAX_TYPES = 1_000;

/** How many requests a side may have, over all its columns. */
export class RequestLimit {
  readonly #side: string;
  readonly #most: number;
  #used = 0;

  constructor(side: string, most: number) {
    this.#side = side;
    this.#most = most;
  }

  /** @throws DiffError `too-many-requests` */
  use(): void {
    if (this.#used++ < this.#most) return;
    throw new DiffError(
      'too-many-requests',
      `more than ${this.#most} requests of ${this.#side}`,
      'compare a shorter time with --since and --until, or raise --max-requests',
    );
  }
}

/** What both sides have. */
export class RequestColumns {
  readonly keys: KeyColumns;
  /** Epoch ms; NaN without. */
  readonly time = moments();
  readonly status = shorts();
  /** ms, -1 as HAProxy logs it, NaN where the format has none. */
  readonly firstByteMs = durations();
  readonly totalMs = durations();
  /** -1 where the log does not tell. */
  readonly bodyBytes = new LateColumn(integers(), -1);
  readonly sentBytes = new LateColumn(integers(), -1);
  /** Number in a table of its own; NO_TEXT for an answer that has none. */
  readonly #contentType = new LateColumn(shorts(), UNKNOWN_TYPE);
  readonly #contentTypes = new TextTable();
  /** Number in `targets`. */
  readonly target = integers();
  readonly method = new FewNumbers();
  readonly targets: TextTable;
  readonly methods: TextTable;
  readonly #limit: RequestLimit;
  readonly #requestIds: RequestIds;

  constructor(requestIds: RequestIds, texts: RequestTexts, limit: RequestLimit) {
    this.#requestIds = requestIds;
    this.keys = new KeyColumns(requestIds);
    this.targets = texts.targets;
    this.methods = texts.methods;
    this.#limit = limit;
  }

  get size(): number {
    return this.time.length;
  }

  /** @throws DiffError `too-many-requests` */
  protected push(record: AccessRecord): void {
    const target = this.targets.intern(boundedTarget(record.target));
    // Written out: an object that something is spread into takes longer to make.
    const { uniqueId, traceId, span } = this.#requestIds.numbersOf(record);
    this.pushRead(record, { uniqueId, traceId, span, target });
  }

  /** The same for one that was read elsewhere. @throws DiffError `too-many-requests` */
  protected pushRead(request: ReadRequest, texts: TextNumbers): void {
    this.#limit.use();
    this.keys.push(request, texts);
    this.#pushContent(request);
    this.time.push(boundedMoment(request.timeMs));
    this.status.push(boundedStatus(request.status));
    this.firstByteMs.push(boundedDuration(request.firstByteMs));
    this.totalMs.push(boundedDuration(request.totalMs));
    this.target.push(texts.target);
    this.method.push(this.methods.intern(request.method));
  }

  /** Media type of the answer; empty where it has none, undefined where the log does not tell. */
  contentTypeOf(row: number): string | undefined {
    const number = this.#contentType.at(row);
    return number === UNKNOWN_TYPE ? undefined : this.#contentTypes.text(number);
  }

  /** Of the row that comes next. */
  #pushContent({ responseBytes, sentBytes, contentType }: ReadRequest): void {
    const row = this.size;
    this.bodyBytes.set(row, boundedBytes(responseBytes));
    this.sentBytes.set(row, boundedBytes(sentBytes));
    if (contentType === undefined) return;
    const isTold = this.#contentTypes.size < MAX_TYPES || this.#contentTypes.has(contentType);
    this.#contentType.set(row, this.#contentTypes.intern(isTold ? contentType : UNREADABLE_TYPE));
  }
}

/** The requests of production. */
export class ProductionRequests extends RequestColumns {
  readonly flags = bytes();
  readonly termination = new FewNumbers();
  readonly terminations = new TextTable();

  /** @throws DiffError `too-many-requests` */
  add(record: AccessRecord): void {
    this.push(record);
    this.flags.push(flagsOf(record));
    this.termination.push(this.terminations.intern(record.termination));
  }
}

/** What one destination of the mirror answered: every line of it, retried requests included. */
export class MirrorAnswers extends RequestColumns {
  /** Number in `errors`; NO_TEXT without one. */
  readonly error = new FewNumbers();
  /** What tells two lines apart that say the same moment: hash of the line. */
  readonly lineHash = doubles();
  /** Number of the file the line is from: lines of one file are in their order. */
  readonly input = new LateColumn(integers(), 0);
  readonly errors = new TextTable();
  /** Number of its answer among the record's (AnswerReader); NO_ANSWER without one. */
  readonly answer = new LateColumn(integers(), NO_ANSWER);
  /** By number in `errors`. */
  readonly #dropped: boolean[] = [];

  /** @throws DiffError `too-many-requests` */
  add(record: AccessRecord, lineHash: number, input: number, answer: number): void {
    this.push(record);
    this.#pushLine(errorOf(record), lineHash, input, answer);
  }

  /** The same for one that was read elsewhere. @throws DiffError `too-many-requests` */
  addRead(
    request: ReadRequest,
    texts: TextNumbers,
    error: string,
    lineHash: number,
    input: number,
    answer: number,
  ): void {
    this.pushRead(request, texts);
    this.#pushLine(error, lineHash, input, answer);
  }

  /** Of the row that was pushed. */
  #pushLine(error: string, lineHash: number, input: number, answer: number): void {
    const row = this.size - 1;
    this.error.push(this.errors.intern(error));
    this.lineHash.push(lineHash);
    this.input.set(row, input);
    this.answer.set(row, answer);
  }

  /** The request never reached the mirror, or not whole. */
  isDropped(row: number): boolean {
    const error = this.error.at(row);
    if (error === NO_TEXT) return false;
    for (let i = this.#dropped.length; i <= error; i++) this.#dropped.push(isNoEvidence(this.errors.text(i)));
    return this.#dropped[error] as boolean;
  }

  /** What tells which of two lines about one request counts. */
  lineAt(row: number): { readonly isDropped: boolean; readonly lineHash: number } {
    return { isDropped: this.isDropped(row), lineHash: this.lineHash.at(row) };
  }

  /** Empty without one. */
  errorOf(row: number): string {
    return this.errors.text(this.error.at(row));
  }
}
