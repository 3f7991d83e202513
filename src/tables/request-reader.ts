/** Reads logs of one role of a comparison: requests of production, SPOE lines, or answers of a mirror. */
import type { AccessReadOptions } from '../logs/access-options.ts';
import { type AccessCounts, type AccessHandlers, type AccessInput, AccessScanner } from '../logs/access-scanner.ts';
import { compileFormat } from '../logs/builtin-formats.ts';
import type { BlockScanner } from '../logs/scanner.ts';
import type { TimeResolver } from '../logs/time.ts';
import type { UnreadId } from '../logs/unread-ids.ts';
import type { PartReader } from './loader.ts';
import { type LineCounts, noLines, type PartPlace, type PartTask } from './part.ts';
import { REQUEST_TABLES, RequestPart, type RequestPlace, type RequestRole, Shapes } from './request-part.ts';

const NEWLINE = 0x0a;
const INPUT_BYTES = 1024 * 1024;
/** So many lines decide about the format of a log. */
const FORMAT_LINES = 200;
/** Logs whose formats are known at one time; the one that was read least lately is forgotten, and found out again. */
const MOST_INPUTS = 64;

interface Input {
  readonly scanner: AccessScanner;
  /** Which of those that were read it is, from 0. */
  readonly order: number;
  /** Requests and events so far. */
  number: number;
  /** What its lines were when its part was begun. */
  before: AccessCounts | undefined;
}

export interface RequestReading {
  readonly format: string | undefined;
  readonly options: AccessReadOptions;
}

export class RequestReader implements PartReader<RequestPart> {
  readonly tables: readonly (typeof REQUEST_TABLES)[RequestRole][number][];
  readonly counts: LineCounts = noLines();
  /** A place for blocks: each input has a scanner of its own, so that none decides about the format of another one. */
  readonly scanner: BlockScanner;
  readonly #role: RequestRole;
  readonly #reading: RequestReading;
  readonly #place: RequestPlace;
  readonly #shapes = new Shapes();
  readonly #inputs = new Map<string, Input>();
  #begun = 0;
  #current: Input | undefined;
  #times: TimeResolver | undefined;
  #part: RequestPart | undefined;

  /** Throws AccessFormatError. */
  constructor(role: RequestRole, reading: RequestReading, place: RequestPlace) {
    this.#role = role;
    this.#reading = reading;
    this.#place = place;
    this.tables = REQUEST_TABLES[role];
    // A format that cannot be is said before anything is read.
    const { maxLineBytes } = this.#newScanner();
    const scan = (start: number, end: number) => this.#scan(start, end);
    this.scanner = {
      input: Buffer.allocUnsafe(INPUT_BYTES),
      maxLineBytes,
      setTimes: (times) => {
        this.#times = times;
      },
      scan,
    };
  }

  beginInput(input: string): void {
    const scanner = this.#newScanner();
    scanner.begin(input);
    this.#inputs.delete(input);
    this.#inputs.set(input, { scanner, order: this.#begun++, number: 0, before: undefined });
    const [oldest] = this.#inputs.keys();
    if (this.#inputs.size > MOST_INPUTS && oldest !== undefined) this.#inputs.delete(oldest);
  }

  begin(task: PartTask, { source }: PartPlace): RequestPart {
    return new RequestPart(task, this.#role, source, this.#place, this.#shapes);
  }

  resume(part: RequestPart, input: string): void {
    if (!this.#inputs.has(input)) this.beginInput(input);
    this.#current = this.#inputs.get(input) as Input;
    this.#part = part;
    this.#current.before ??= { ...countsOf(this.#current.scanner) };
  }

  /** Lines that wait until their format is found become rows; of a few first ones more are waited for. */
  settle(part: RequestPart, name: string, mustBe: boolean): boolean {
    const input = this.#inputs.get(name);
    if (input === undefined) return true;
    this.#part = part;
    this.#current = input;
    const { lines } = countsOf(input.scanner);
    if (!mustBe && lines < FORMAT_LINES && isWaiting(input.scanner)) return false;
    input.scanner.settle();
    part.details = detailsOf(input);
    input.before = undefined;
    return true;
  }

  #newScanner(): AccessScanner {
    const { format, options } = this.#reading;
    const handlers: AccessHandlers = {
      onRequest: (record, hash) => {
        const { part, number } = this.#next();
        if (this.#role === 'production') part.addProduction(record, hash, number);
        else if (this.#role === 'mirror') part.addMirror(record, hash, number);
      },
      onAnswer: (answer) => {
        const { part, number } = this.#next();
        if (this.#role !== 'spoe') part.addAnswer(answer, number);
      },
      // SPOE lines of a HAProxy in front of the mirror say nothing about production.
      onSpoe: (event, header, timeMs, hash) => {
        const { part, number } = this.#next();
        if (this.#role !== 'mirror') part.addEvent(event, header, timeMs, hash, number);
      },
    };
    return new AccessScanner(
      format === undefined ? { reading: options } : { format: compileFormat(format, options) },
      handlers,
    );
  }

  #next(): { part: RequestPart; number: number } {
    const input = this.#current as Input;
    return { part: this.#part as RequestPart, number: input.number++ };
  }

  #scan(start: number, end: number): void {
    const input = this.#current;
    if (input === undefined) return;
    const { scanner } = input;
    if (this.#times !== undefined) scanner.setTimes(this.#times);
    this.scanner.input.copy(scanner.input, 0, start, end);
    for (let at = start; at < end; this.counts.lines++) at = this.scanner.input.indexOf(NEWLINE, at) + 1;
    const before = { ...countsOf(scanner) };
    scanner.scan(0, end - start);
    const after = countsOf(scanner);
    this.counts.unread += after.unparsed - before.unparsed;
    this.counts.malformed += after.malformedSpoe - before.malformedSpoe;
  }
}

const NO_COUNTS: AccessCounts = {
  ...{ lines: 0, parsed: 0, answers: 0, cut: 0, unparsed: 0, notices: 0, spoe: 0, malformedSpoe: 0, overlong: 0 },
};

function inputOf(scanner: AccessScanner): AccessInput | undefined {
  return scanner.inputs.at(-1);
}

function countsOf(scanner: AccessScanner): AccessCounts {
  return inputOf(scanner)?.counts ?? NO_COUNTS;
}

function isWaiting(scanner: AccessScanner): boolean {
  const { lines, parsed, answers, unparsed, notices, spoe, malformedSpoe } = countsOf(scanner);
  return lines > parsed + answers + unparsed + notices + spoe + malformedSpoe;
}

/** What a part of a comparison says of its lines besides their rows, as JSON. */
export interface RequestDetails {
  readonly format?: string;
  readonly description?: string;
  readonly counts: AccessCounts;
  /** Which file of a load it was, from 0. */
  readonly order: number;
  /** Fields that may hold ids and are not read, of the first part of a file: its first lines tell. */
  readonly unreadIds?: readonly UnreadId[];
  /** A time of the file whose unit is not known. */
  readonly unknownTime?: string;
}

/** The format of a part's lines, and how many were what. */
function detailsOf({ scanner, order, before = NO_COUNTS }: Input): string {
  const input = inputOf(scanner);
  const format = input?.format;
  const after = countsOf(scanner);
  const kinds = Object.keys(NO_COUNTS) as (keyof AccessCounts)[];
  const counts = Object.fromEntries(kinds.map((kind) => [kind, after[kind] - before[kind]]));
  const unreadIds = before.lines === 0 ? (input?.unreadIds ?? []) : [];
  const details = {
    ...(format && { format: format.name, description: format.description }),
    ...{ counts: counts as unknown as AccessCounts, order },
    ...(unreadIds.length > 0 && { unreadIds }),
    ...(format?.unknownTime !== undefined && { unknownTime: format.unknownTime }),
  } satisfies RequestDetails;
  return JSON.stringify(details);
}
