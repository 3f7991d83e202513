/**
 * The fast path: drives the WebAssembly scanner. Lines it does not understand go through the same LineInterpreter
 * as on the plain path, and teach it the header and the event name they carry.
 */
import { type InterpretedLine, LineInterpreter, recordsOf } from './interpreter.ts';
import { rolesOf } from './json-line.ts';
import type { LineEnds } from './line-ends.ts';
import type { Names } from './names.ts';
import type { HeaderTime, SpoeEvent } from './record.ts';
import { Int, ROW_BYTES, type RowBatch, type Rows, unpackStamp } from './row.ts';
import { ScannerCells } from './scanner/cells.ts';
import { templateOf } from './scanner/json-template.ts';
import { writeRow } from './scanner/row-writer.ts';
import { instantiateScanner, type ScannerExports, scannerMemory } from './scanner/scanner-module.ts';
import { UsualRows } from './scanner/usual-rows.ts';
import type { BlockScanner } from './scanner.ts';
import type { LineTally } from './tally.ts';
import type { TimeResolver } from './time.ts';

/** Bits of the header shape, as in scanner/assembly/index.ts. */
const SHAPE_LOCAL_TIME = 4;
const SHAPE_ISO_TIME = 8;
const OPENING_BRACE = 0x7b;
/** More lines in a row that no template can be made of, and none is tried any more: that takes longer than the line. */
const MAX_REFUSED_JSON = 1000;
/** What stands before the parts of a template. */
const TEMPLATE_HEAD_BYTES = 16;
/** A clock, seconds since 1970, TAI64N, seconds since the start, the line number of grep or cat. */
const TIME_OR_COUNT = /\d\d:\d\d:\d\d|\d{10}|@4[0-9a-f]{23}|\d\.\d{6}|^ *\d+[:\t]|[:-]\d+[:-]/;
/** The message is in JSON or a cell: what ends behind the marker says more, or that the line was cut. */
const OPENED = /["(]$/;

/** Where the parts of a line are in the scanner's memory, and what its header looks like. */
interface LineParts {
  readonly start: number;
  readonly originStart: number;
  readonly markerStart: number;
  readonly shape: number;
}

export class FastScanner implements BlockScanner {
  readonly input: Buffer;
  readonly #wasm: ScannerExports;
  readonly #inputStart: number;
  readonly #rows: Rows;
  readonly #memory: Buffer;
  #tally: LineTally;
  readonly #interpreter: LineInterpreter;
  readonly #sink: (batch: RowBatch) => void;
  readonly #cells: ScannerCells;
  readonly #sums: UsualRows;
  readonly #taught = new Set<string>();
  /** Parts of templates that were taught. */
  readonly #templates = new Set<string>();
  /** Lines of JSON since the last one that a template was made of. */
  #refusedJson = 0;
  #plainLines = 0;
  #plainBecause: string | undefined;

  /** @param memory memory of a caller that looks at the rows where they are written */
  constructor(
    names: Names,
    tally: LineTally,
    times: TimeResolver,
    sink: (batch: RowBatch) => void,
    memory: WebAssembly.Memory = scannerMemory(),
  ) {
    this.#tally = tally;
    this.#interpreter = new LineInterpreter(tally, times);
    this.#sink = sink;
    this.#wasm = instantiateScanner(memory, {
      resolveLocalTime: (packed) => this.#resolveLocalTime(packed),
      plainLine: (start, end, row, originStart, markerStart, shape) =>
        this.#plainLine(end, row, { start, originStart, markerStart, shape }),
    });
    const { buffer } = memory;
    this.#inputStart = this.#wasm.inputStart.value;
    this.#memory = Buffer.from(buffer);
    this.input = this.#memory.subarray(this.#inputStart, this.#inputStart + this.#wasm.inputBytes.value);
    this.#rows = { ints: new Int32Array(buffer), floats: new Float64Array(buffer), names };
    this.#cells = new ScannerCells({
      buffer,
      start: this.#wasm.cellsStart.value,
      cellBytes: this.#wasm.cellBytes.value,
      count: this.#wasm.maxCells.value,
      bindKey: (key, cell) => this.#wasm.bindKey(key, cell),
    });
    this.#sums = new UsualRows(this.#wasm, buffer);
  }

  /** Lines that went to the plain path. */
  get plainLines(): number {
    return this.#plainLines;
  }

  /** Why the next line of this kind goes to the plain path as well; undefined when the last one was learned from. */
  get plainBecause(): string | undefined {
    return this.#plainBecause;
  }

  setTimes(times: TimeResolver): void {
    this.#interpreter.times = times;
    this.#wasm.setPreviousTime(times.previousMs ?? Number.NaN);
  }

  /** Counts the next lines in another tally; the end of what they are of is kept there. */
  countIn(tally: LineTally, ends: LineEnds): void {
    this.#tally = tally;
    this.#interpreter.tally = tally;
    this.#interpreter.ends = ends;
  }

  scan(start: number, end: number): void {
    const wasm = this.#wasm;
    const before = wasm.trailing.value;
    const first = this.#inputStart + start;
    const last = this.#inputStart + end;
    const rowsStart = wasm.rowsStart.value;
    for (let at = first; at < last; at += wasm.position.value) {
      const count = wasm.scan(at, last);
      if (count === 0) continue;
      this.#sink({ ...this.#rows, start: rowsStart, count, cells: this.#cells, sums: this.#sums, input: this.input });
    }
    this.#tally.lines += wasm.lines.value;
    this.#tally.overlong += wasm.overlong.value;
    // Without an event among these lines, what was counted before may have been of another tally.
    const hasEvent = wasm.trailing.value !== before + wasm.lines.value;
    this.#tally.sinceEvent = hasEvent ? wasm.trailing.value : this.#tally.sinceEvent + wasm.lines.value;
    wasm.resetCounters();
    this.#keepPreviousTime();
    this.#interpreter.keepEnd(this.input, start, end);
  }

  #keepPreviousTime(): void {
    const previous = this.#wasm.previousTime.value;
    if (!Number.isNaN(previous)) this.#interpreter.times.previousMs = previous;
    const { isLocalTaken, lastLocalPacked, lastLocalTime } = this.#wasm;
    if (isLocalTaken.value === 0) return;
    this.#interpreter.times.take(unpackStamp(lastLocalPacked.value), lastLocalTime.value);
    this.#wasm.forgetTaken();
  }

  #resolveLocalTime(packed: number): number {
    this.#keepPreviousTime();
    // The line may turn out to be none of SPOE.
    return this.#interpreter.times.guess(unpackStamp(packed));
  }

  #plainLine(end: number, row: number, parts: LineParts): number {
    this.#keepPreviousTime();
    const line = this.#interpreter.interpret(this.#memory.subarray(parts.start, end));
    this.#plainLines += 1;
    this.#plainBecause = 'there is no event in it to learn from';
    let count = 0;
    // A line of 64 KiB has room for fewer records than the row area has places behind its bound.
    for (const record of recordsOf(line)) {
      if (record.parsed.kind !== 'event') continue;
      // Before it is taught, which looks at its time once more.
      if (count === 0) this.#wasm.setPreviousTime(this.#interpreter.times.previousMs ?? Number.NaN);
      const at = row + count * ROW_BYTES;
      writeRow(this.#rows, at, record.parsed, record.timeMs);
      this.#rows.ints[(at >> 2) + Int.line] = parts.start - this.#inputStart;
      this.#plainBecause =
        parts.markerStart > 0 && line.more === undefined
          ? this.#teach(line, parts, end, at)
          : 'it is not one line with one marker';
      count += 1;
    }
    return count;
  }

  /**
   * Teaches what stands before and in the marker of the line whose row is at byte `row`, if another line with the same
   * bytes there must mean the same.
   * @returns why not, otherwise
   */
  #teach(line: InterpretedLine, parts: LineParts, end: number, row: number): string | undefined {
    const { parsed } = line;
    const { start, originStart, markerStart, shape } = parts;
    if (parsed.kind !== 'event' || parsed.torn) return 'a cut line is glued before it';
    if (parsed.repeat !== 1) return 'it stands for several events';
    if (this.#memory[start] === OPENING_BRACE) return this.#teachJson(line, parts, end, row);
    if (!isTimeOf(shape, parsed.header.time))
      return 'its time is not one that the fast scanner reads, or not at the beginning of the line';
    const keyBytes = Buffer.from(keyOf(parsed.event));
    const keyEnd = markerStart + keyBytes.length;
    if (!this.#memory.subarray(markerStart, keyEnd).equals(keyBytes)) return 'its event is not the first with a marker';
    const text = this.#memory.toString('latin1', originStart, markerStart);
    // A second time in the header (a container's before syslog's): the plain path knows which one counts. What differs
    // from line to line would only fill the table.
    if (TIME_OR_COUNT.test(text)) return 'its header holds a second time, or a number that differs from line to line';
    if (OPENED.test(text)) return 'the message is in quotes or brackets';
    const { ints } = this.#rows;
    const origin = ints[(row >> 2) + Int.origin] as number;
    const key = ints[(row >> 2) + Int.key] as number;
    if (this.#isNew(`${shape}${text}`)) this.#wasm.teachOrigin(originStart, markerStart, shape, origin);
    if (this.#isNew(keyBytes.toString('latin1'))) {
      this.#wasm.teachKey(markerStart, keyEnd, key);
      this.#cells.rebind(key);
    }
    return undefined;
  }

  /** The same for a line of JSON: teaches all of it. */
  #teachJson({ parsed }: InterpretedLine, parts: LineParts, end: number, row: number): string | undefined {
    const { start, markerStart } = parts;
    const place = this.#wasm.nextTemplate();
    if (place === 0 || this.#refusedJson >= MAX_REFUSED_JSON) return 'there is no room for more of JSON';
    this.#refusedJson += 1;
    const text = this.#memory.toString('latin1', start, end);
    const roles = rolesOf(this.#memory.toString('utf8', start, end));
    // The text of the member begins behind the last quote that is not escaped.
    const inner = start + (/^.*(?<!\\)"/s.exec(text.slice(0, markerStart - start))?.[0].length ?? 0);
    const origin = this.#wasm.originInJson(inner);
    const shape = this.#wasm.shape.value as number;
    if (parsed.kind !== 'event' || roles === undefined || origin === 0 || origin > markerStart)
      return 'its JSON has no text with the line';
    const isTimed = (shape & (SHAPE_LOCAL_TIME | SHAPE_ISO_TIME)) !== 0;
    if (isTimed && !isTimeOf(shape, parsed.header.time)) return 'its time is not one that the fast scanner reads';
    const before = text.slice(origin - start, markerStart - start);
    if (TIME_OR_COUNT.test(before) || OPENED.test(before) || before.trimStart().startsWith('{'))
      return 'its header holds a second time, or the message is in brackets';
    const keyText = /^SPOE:.*? sid=/.exec(text.slice(markerStart - start))?.[0] ?? '';
    const keyEnd = markerStart + keyText.length;
    // Brackets may be escaped in it, as Go does.
    if (parseText(this.#memory.toString('utf8', markerStart, keyEnd)) !== keyOf(parsed.event))
      return 'its event is not the first with a marker';
    const template = templateOf(text, roles, {
      originStart: origin - start,
      markerStart: markerStart - start,
      isTimed,
    });
    if (template === undefined) return 'its members are not those of a shipper that is known';
    const written = `${shape}${template.toString('latin1')}`;
    if (template.length + TEMPLATE_HEAD_BYTES > this.#wasm.templateBytes.value) return 'it is too long';
    if (this.#templates.has(written)) return 'it is like a line that was learned from, and yet not read by it';
    const { ints } = this.#rows;
    const key = ints[(row >> 2) + Int.key] as number;
    if (this.#isNew(this.#memory.toString('latin1', markerStart, keyEnd))) {
      this.#wasm.teachKey(markerStart, keyEnd, key);
      this.#cells.rebind(key);
    }
    ints.set([shape, ints[(row >> 2) + Int.origin] as number], place >> 2);
    template.copy(this.#memory, place + TEMPLATE_HEAD_BYTES);
    this.#wasm.teachTemplate();
    this.#templates.add(written);
    this.#refusedJson = 0;
    return undefined;
  }

  /** False when this text was taught before, is too long, or too many were. */
  #isNew(text: string): boolean {
    if (text.length > this.#wasm.maxText.value || this.#taught.size >= MAX_TAUGHT || this.#taught.has(text))
      return false;
    this.#taught.add(text);
    return true;
  }
}

/** True when the scanner reads the time of such a header as the plain path does: without a year or a zone in the line. */
function isTimeOf(shape: number, time: HeaderTime | undefined): boolean {
  if ((shape & SHAPE_LOCAL_TIME) !== 0) return time?.kind === 'local' && !('year' in time) && !('zoneMinutes' in time);
  return ((shape & SHAPE_ISO_TIME) !== 0) === (time?.kind === 'absolute') && time?.kind !== 'local';
}

/** More texts than the scanner has places for: what does not fit there stays on the plain path. */
const MAX_TAUGHT = 1024;

function keyOf(event: SpoeEvent): string {
  return `SPOE: [${event.agent}] <${event.type}:${event.name}> sid=`;
}

/** What the inside of a text of JSON means; undefined where it is cut within an escape. */
function parseText(inside: string): unknown {
  try {
    return JSON.parse(`"${inside}"`);
  } catch {
    return undefined;
  }
}
