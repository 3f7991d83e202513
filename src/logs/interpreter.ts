import { openFirst, parseRecords } from './line.ts';
import { readLastOwnLine, readOwnLine } from './own-lines.ts';
import type { LineHeader, ParsedLine } from './record.ts';
import { MARKER } from './spoe-line.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

/** A line longer than this, without its newline and its NULs, is cut here. */
export const MAX_LINE_BYTES = 64 * 1024;

/** Where the last line of a block is looked at. */
const LAST_BYTES = 4096;
const NEWLINE = 0x0a;
/** What nearly every line of a request has: timers as HAProxy writes them, a method or a version. */
const REQUEST = /-?\d+\/-?\d+\/-?\d+|\b(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT)\b|HTTP\/\d/;

/** A line with what only its surroundings tell: which moment its time means. */
export interface InterpretedLine {
  readonly parsed: ParsedLine;
  /** Epoch ms, or undefined when the line carries no time. */
  readonly timeMs: number | undefined;
  /** The other records of a line that holds several. */
  readonly more?: readonly InterpretedLine[];
}

const NOTHING: InterpretedLine = { parsed: { kind: 'none' }, timeMs: undefined };

/** Every record of a line. */
export function recordsOf(line: InterpretedLine): readonly InterpretedLine[] {
  return line.more === undefined ? [line] : [line, ...line.more];
}

/** The plain path: bytes of one line → what it is, counted in the tally. */
export class LineInterpreter {
  readonly tally: LineTally;
  times: TimeResolver;

  constructor(tally: LineTally, times: TimeResolver) {
    this.tally = tally;
    this.times = times;
  }

  /** `bytes` is one line without its newline. Counts everything but the line itself. */
  interpret(bytes: Buffer): InterpretedLine {
    const text = this.#text(bytes);
    const records = parseRecords(text);
    if (records.length === 1) return this.#interpretRecord(records[0] as ParsedLine, text);
    const [first = NOTHING, ...more] = records.map((record) => this.#interpretRecord(record, text));
    return { ...first, more };
  }

  #interpretRecord(parsed: ParsedLine, text: string): InterpretedLine {
    switch (parsed.kind) {
      case 'event':
        if (parsed.torn) this.tally.malformed += 1;
        return { parsed, timeMs: this.#time(parsed.header) };
      case 'other':
        this.tally.countOther(parsed.agent === undefined ? parsed.text : `[${parsed.agent}] ${parsed.text}`);
        break;
      case 'malformed':
        this.tally.malformed += 1;
        break;
      case 'spoofed':
        this.tally.spoofed += 1;
        break;
      case 'unread':
        this.tally.countUnread(parsed.before);
        break;
      case 'none':
        this.#addOwn(text);
        break;
    }
    return { parsed, timeMs: undefined };
  }

  /** What HAProxy says about itself. Its time does not lead to the years of others: it is only looked up. */
  #addOwn(text: string): void {
    const own = readOwnLine(text);
    if (own !== undefined) this.tally.own.add(own, own.time && this.times.peek(own.time));
  }

  /** Looks at the last line of a block of whole lines, input[start, end): whether it is of a request or of a stop, and of when. */
  addLast(input: Buffer, start: number, end: number): void {
    const before = end - 2 < start ? -1 : input.lastIndexOf(NEWLINE, end - 2);
    const from = Math.max(start, before + 1);
    const text = input.toString('utf8', from, Math.min(end - 1, from + LAST_BYTES));
    if (text.includes(MARKER)) return;
    const { header, message } = openFirst(text);
    const timeMs = header.time === undefined ? null : this.times.peek(header.time);
    const last = readLastOwnLine(header, message);
    this.tally.endsInStop = last?.kind === 'stop' ? { timeMs } : undefined;
    if (last?.kind === 'server') this.tally.own.add(last, timeMs ?? undefined);
    if (last === undefined && timeMs !== null && REQUEST.test(text)) this.tally.addRequest(timeMs);
  }

  #text(bytes: Buffer): string {
    if (bytes.length <= MAX_LINE_BYTES) return bytes.toString('utf8');
    // NUL holes of a truncated or sparse file do not count as length.
    const dense = bytes.includes(0) ? Buffer.from(bytes.filter((byte) => byte !== 0)) : bytes;
    if (dense.length <= MAX_LINE_BYTES) return dense.toString('utf8');
    this.tally.overlong += 1;
    return dense.toString('utf8', 0, MAX_LINE_BYTES);
  }

  #time(header: LineHeader): number | undefined {
    return header.time === undefined ? undefined : this.times.resolve(header.time);
  }
}
