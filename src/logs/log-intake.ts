/** The input of the library: bytes of a log, events that spoeLines found, or lines that parseLine has parsed. */
import { type InterpretedLine, LineInterpreter } from './interpreter.ts';
import { LineFeed } from './line-feed.ts';
import type { Names } from './names.ts';
import type { ParsedLine, SpoeEvent } from './record.ts';
import { type RowBatch, unpackStamp } from './row.ts';
import { RowBuffer } from './row-buffer.ts';
import type { BlockScanner } from './scanner.ts';
import type { LogChunk, SpoeLine } from './spoe-lines.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

export interface IntakeOptions {
  /** The scanner for bytes. */
  readonly scanner: BlockScanner;
  readonly tally: LineTally;
  readonly times: TimeResolver;
  /** The names of the next row of a line, and where the row goes. */
  readonly names: () => Names;
  readonly sink: (batch: RowBatch) => void;
}

export class LogIntake {
  readonly #options: IntakeOptions;
  readonly #interpreter: LineInterpreter;
  #feed: LineFeed;
  #rows: { readonly names: Names; readonly buffer: RowBuffer } | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#interpreter = new LineInterpreter(options.tally, options.times);
    this.#feed = this.#newFeed(options.times);
  }

  /** Throws TypeError for anything else. */
  take(chunk: LogChunk): void {
    if (typeof chunk === 'string') this.#feed.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) this.#feed.push(chunk);
    else if (isLine(chunk)) this.#takeLine(chunk);
    else throw new TypeError('give bytes or text of a log, or what spoeLines or parseLine gave');
  }

  /** The bytes that come next are of another input; without `times` they go on as before. */
  begin(times: TimeResolver = this.#options.times): void {
    this.#feed.end();
    this.#feed = this.#newFeed(times);
  }

  /** An unfinished line counts as a line. */
  end(): void {
    this.#feed.end();
  }

  #newFeed(times: TimeResolver): LineFeed {
    return new LineFeed(this.#options.scanner, this.#options.tally, times);
  }

  #takeLine(line: SpoeLine | ParsedLine): void {
    const { tally } = this.#options;
    tally.lines += 1;
    tally.sinceEvent = 'timeMs' in line || line.kind === 'event' ? 0 : tally.sinceEvent + 1;
    this.#buffer.write('timeMs' in line ? interpretedOf(line) : this.#interpreter.interpretRecord(line));
  }

  get #buffer(): RowBuffer {
    const names = this.#options.names();
    if (this.#rows?.names !== names) this.#rows = { names, buffer: new RowBuffer(names, this.#options.sink) };
    return this.#rows.buffer;
  }
}

/** The line as it was, as far as it matters. */
function interpretedOf({ timeMs, header, event, repeat, stamp = 0 }: SpoeLine): InterpretedLine {
  const written = stamp === 0 ? header : { ...header, time: unpackStamp(stamp) };
  return { parsed: { kind: 'event', header: written, event, repeat, torn: false }, timeMs };
}

/** As far as a program without types may have got it wrong: what `header` holds is all optional. */
function isLine(chunk: unknown): chunk is SpoeLine | ParsedLine {
  if (!isObject(chunk)) return false;
  if (!('kind' in chunk)) return 'timeMs' in chunk && isEventLine(chunk);
  switch (chunk.kind) {
    case 'event':
      return isEventLine(chunk);
    case 'other':
      return 'text' in chunk && typeof chunk.text === 'string' && 'header' in chunk && isObject(chunk.header);
    case 'unread':
      return 'before' in chunk && typeof chunk.before === 'string';
    default:
      return chunk.kind === 'malformed' || chunk.kind === 'spoofed' || chunk.kind === 'none';
  }
}

function isEventLine(line: object): boolean {
  if (!('event' in line && 'header' in line && 'repeat' in line)) return false;
  return isObject(line.header) && typeof line.repeat === 'number' && isObject(line.event) && isEvent(line.event);
}

function isEvent({ agent, type, name, sid, st, pT, nbError, nbProcessed }: Partial<SpoeEvent>): boolean {
  const isNamed = typeof agent === 'string' && typeof name === 'string' && (type === 'EVENT' || type === 'GROUP');
  const isTold = typeof sid === 'number' && typeof st === 'number' && typeof pT === 'number';
  return isNamed && isTold && isCounter(nbError) && isCounter(nbProcessed);
}

function isCounter(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
