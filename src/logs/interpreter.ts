import { parseRecords } from './line.ts';
import { LineEnds } from './line-ends.ts';
import { readOwnLine } from './own-lines.ts';
import type { LineHeader, ParsedLine } from './record.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

/** A line longer than this, without its newline and its NULs, is cut here. */
export const MAX_LINE_BYTES = 64 * 1024;

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
  tally: LineTally;
  times: TimeResolver;
  /** What keeps the end of the input. */
  ends: LineEnds;

  constructor(tally: LineTally, times: TimeResolver) {
    this.tally = tally;
    this.ends = new LineEnds(tally);
    this.times = times;
  }

  /** `bytes` is one line without its newline. Counts everything but the line itself. */
  interpret(bytes: Buffer): InterpretedLine {
    const text = this.#text(bytes);
    const records = parseRecords(text);
    if (records.length === 1) return this.interpretRecord(records[0] as ParsedLine, text);
    const [first = NOTHING, ...more] = records.map((record) => this.interpretRecord(record, text));
    return { ...first, more };
  }

  /** Counts a line that the caller has parsed. `text` is all of it; without it, HAProxy's own lines are not recognized. */
  interpretRecord(parsed: ParsedLine, text = ''): InterpretedLine {
    switch (parsed.kind) {
      case 'event':
        if (parsed.torn) this.tally.malformed += 1;
        return { parsed, timeMs: this.#time(parsed.header) };
      case 'other':
        this.tally.countOther(
          parsed.agent === undefined ? parsed.text : `[${parsed.agent}] ${parsed.text}`,
          parsed.header.time && this.times.peek(parsed.header.time),
        );
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

  /** Adds one of HAProxy's own lines. Its time does not lead to the years of others: it is only looked up. */
  #addOwn(text: string): void {
    const own = readOwnLine(text);
    if (own !== undefined) this.tally.own.add(own, own.time && this.times.peek(own.time));
  }

  /** Keeps the end of a block of whole lines, input[start, end), until it is asked whether requests go on. */
  keepEnd(input: Buffer, start: number, end: number): void {
    this.ends.keep(input, start, end, this.times);
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
