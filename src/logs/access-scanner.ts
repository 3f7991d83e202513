/**
 * Blocks of lines → requests and SPOE events. Every line of an input counts as exactly one thing; the format of an input
 * is found from its lines, unless it is given.
 */
import { isAscii } from 'node:buffer';
import { AccessClock } from './access/clock.ts';
import { type Detection, detectFormat, SAMPLE_BYTES, SAMPLE_LINES } from './access/detect.ts';
import type { AccessFormat } from './access/format.ts';
import { HeaderCache } from './access/header-cache.ts';
import { LearningReader } from './access/learning-reader.ts';
import { hashLine } from './access/line-hash.ts';
import { AccessLineReader } from './access/line-reader.ts';
import { isNotice } from './access/notices.ts';
import { UsualSpoe } from './access/usual-spoe.ts';
import type { AccessReadOptions } from './access-options.ts';
import { type AccessRecord, isAnswer, type LoggedAnswer } from './access-record.ts';
import { EventReader } from './event-reader.ts';
import { splitRecords } from './json-line.ts';
import { mayHoldSpoe, parseLine, withoutColours } from './line.ts';
import type { LineHeader, ParsedLine, SpoeEvent } from './record.ts';
import type { BlockScanner } from './scanner.ts';
import { MARKER, trimEnd } from './spoe-line.ts';
import type { TimeResolver } from './time.ts';
import { findUnreadIds, type UnreadId } from './unread-ids.ts';

const INPUT_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
/** A line of the agent's record that keeps an answer may be twice as long as what is read of a line of HAProxy. */
const MAX_LINE_BYTES = 128 * 1024;

export interface AccessHandlers {
  /**
   * `lineHash`: line-hash.ts. Texts of the record may be slices of the line, and that of a larger text: copy what is kept. `line` gives
   * the line, as long as it is told of: most have no text unless it is asked for.
   */
  readonly onRequest: (record: AccessRecord, lineHash: number, line: () => string) => void;
  /** What a record of the agent keeps of an answer of production; texts as above. Counted, and of no use without it. */
  readonly onAnswer?: (answer: LoggedAnswer) => void;
  /** `repeat`: syslog's `message repeated N times`; `timeMs` is undefined without a time. */
  readonly onSpoe?: (
    event: SpoeEvent,
    header: LineHeader,
    timeMs: number | undefined,
    lineHash: number,
    repeat: number,
  ) => void;
  /** The callback for an input whose format is found from its first lines, called once for each. */
  readonly onFormat?: (input: string, detection: Detection) => void;
}

/** A record of a line that holds several counts as a line. `lines` is the sum of parsed, answers, unparsed, notices, spoe and malformedSpoe. */
export interface AccessCounts {
  lines: number;
  /** Requests; `cut` ones are among them. */
  parsed: number;
  /** Answers of production in a record of the agent. */
  answers: number;
  /** Lines that ended before the format did: they have no id. */
  cut: number;
  /** Lines that are not counted as any of the others. */
  unparsed: number;
  /** HAProxy about itself and about connections without a request; empty lines. */
  notices: number;
  /** SPOE lines: events, and other messages. */
  spoe: number;
  malformedSpoe: number;
  /** Lines that were cut here at 128 KiB; they are counted as what they are, too. */
  overlong: number;
}

/** State of one input. */
export interface AccessInput {
  readonly name: string;
  /** The format of most lines so far; undefined as long as it is not found. */
  readonly format: AccessFormat | undefined;
  readonly counts: Readonly<AccessCounts>;
  /** Fields of the first lines that are not read and look like ids; found when they are asked for. */
  readonly unreadIds: readonly UnreadId[];
}

export interface AccessScannerOptions {
  readonly format?: AccessFormat;
  /** Options for inputs whose format is found; a format that is given was compiled with them. */
  readonly reading?: AccessReadOptions;
}

interface Input {
  readonly name: string;
  format: AccessFormat | undefined;
  readonly counts: AccessCounts;
  times: TimeResolver | undefined;
  reader: AccessLineReader | LearningReader | undefined;
  clock: AccessClock | undefined;
  /** Lines that wait for the format. */
  sample: string[];
  hashes: number[];
  sampleBytes: number;
  /** The first lines that were requests, as many as decide about a format. */
  readonly first: string[];
  firstBytes: number;
  readonly unreadIds: readonly UnreadId[];
}

export class AccessScanner implements BlockScanner {
  readonly input = Buffer.allocUnsafe(INPUT_BYTES);
  readonly maxLineBytes = MAX_LINE_BYTES;
  readonly #bytes = new DataView(this.input.buffer, this.input.byteOffset, INPUT_BYTES);
  readonly #given: AccessFormat | undefined;
  readonly #reading: AccessReadOptions;
  readonly #handlers: AccessHandlers;
  readonly #headers = new HeaderCache();
  readonly #events = new EventReader();
  readonly #usualSpoe = new UsualSpoe(this.#events);
  readonly #inputs = new Map<string, Input>();
  #current: Input;
  #encoding: 'latin1' | 'utf8' = 'utf8';
  /** The line of the request that is told of: its text, or where its bytes are, which are ASCII then. */
  #told: string | undefined;
  #start = 0;
  #end = 0;
  readonly #lineTold = () => this.#told ?? this.input.toString('latin1', this.#start, this.#end);

  /** `format` is that of all inputs; without it each one's is found. */
  constructor(options: AccessScannerOptions, handlers: AccessHandlers) {
    this.#given = options.format;
    this.#reading = options.reading ?? {};
    this.#handlers = handlers;
    this.#current = this.#enter('');
  }

  /** The inputs that were read so far, in the order in which they were first named. */
  get inputs(): readonly AccessInput[] {
    return [...this.#inputs.values()].filter(({ name, counts }) => name !== '' || counts.lines > 0);
  }

  /** The next blocks are of this input; one that was read before goes on. Inputs that are followed take turns. */
  begin(name: string): void {
    this.#current = this.#enter(name);
  }

  /** No more is waited for: finds the formats from what is there. At the end of inputs, and between polls of `--follow`. */
  settle(): void {
    for (const input of this.#inputs.values()) this.#decide(input);
  }

  setTimes(times: TimeResolver): void {
    const input = this.#current;
    if (input.times === times) return;
    // Lines that wait belong to what came before: a file that was rotated goes on with other times.
    if (input.times !== undefined && input.sample.length > 0) this.#decide(input);
    input.times = times;
    if (input.clock === undefined) input.clock = new AccessClock(times);
    else input.clock.times = times;
    if (input.format !== undefined && input.reader === undefined) {
      input.reader = new AccessLineReader(input.format, input.clock);
    }
  }

  scan(start: number, end: number): void {
    const { input } = this;
    // The same text either way, but sooner.
    this.#encoding = isAscii(input.subarray(start, end)) ? 'latin1' : 'utf8';
    for (let at = start; at < end; ) {
      const found = input.indexOf(NEWLINE, at);
      const newline = found < 0 || found > end ? end : found;
      this.#line(at, newline);
      at = newline + 1;
    }
  }

  #line(start: number, end: number): void {
    const current = this.#current;
    current.counts.lines += 1;
    const hash = hashLine(this.#bytes, start, end);
    const spoe = this.#usualSpoe.read(this.input, this.#bytes, start, end);
    if (spoe !== undefined) {
      this.#event(spoe.event, spoe.header, 1, hash, current);
      return;
    }
    const usual = readUsual(current, this.input, start, end);
    if (usual !== undefined) {
      current.counts.parsed += 1;
      this.#told = undefined;
      this.#start = start;
      this.#end = end;
      this.#handlers.onRequest(usual, hash, this.#lineTold);
      return;
    }
    const line = this.#text(start, end, current.counts);
    // A line of the agent's record is one, and there are many of them.
    const mayHoldSeveral = current.format?.name !== 'agent-jsonl' && (line.startsWith('{') || line.startsWith('['));
    const records = mayHoldSeveral ? splitRecords(line) : undefined;
    if (records === undefined) {
      this.#record(line, hash, current);
      return;
    }
    current.counts.lines += records.length - 1;
    records.forEach((record, index) => {
      this.#record(record, (hash + index) % Number.MAX_SAFE_INTEGER, current);
    });
  }

  #record(line: string, hash: number, current: Input): void {
    if (mayHoldSpoe(line) && this.#spoe(line, hash, current)) return;
    if (current.reader !== undefined) this.#request(line, hash, current, current.reader);
    else this.#wait(line, hash, current);
  }

  #text(start: number, end: number, counts: AccessCounts): string {
    let text =
      end - start > MAX_LINE_BYTES
        ? this.#longText(start, end, counts)
        : this.input.toString(this.#encoding, start, end);
    // Holes that copytruncate leaves.
    if (text.includes('\0')) text = text.replaceAll('\0', '');
    text = withoutColours(text);
    return text.endsWith('\r') ? trimEnd(text, '\r') : text;
  }

  /** The bytes of it that are read: as many as a feed keeps of a line that ends in another block. */
  #longText(start: number, end: number, counts: AccessCounts): string {
    const dense = this.input.subarray(start, end).filter((byte) => byte !== 0);
    if (dense.length > MAX_LINE_BYTES) counts.overlong += 1;
    return Buffer.from(dense.buffer, dense.byteOffset, dense.length).toString(this.#encoding, 0, MAX_LINE_BYTES);
  }

  /** False when the marker is a client's text. */
  #spoe(line: string, hash: number, input: Input): boolean {
    const { counts } = input;
    const parsed = this.#parse(line);
    switch (parsed.kind) {
      case 'event':
        this.#event(parsed.event, parsed.header, parsed.repeat, hash, input);
        return true;
      case 'other':
        counts.spoe += 1;
        return true;
      case 'malformed':
        counts.malformedSpoe += 1;
        return true;
      default:
        return false;
    }
  }

  #event(event: SpoeEvent, header: LineHeader, repeat: number, hash: number, { counts, times }: Input): void {
    counts.spoe += 1;
    const timeMs = header.time === undefined ? undefined : times?.resolve(header.time);
    this.#handlers.onSpoe?.(event, header, timeMs, hash, repeat);
  }

  /** Does what parseLine does; whole lines with a header that was seen before take a tenth of its time. */
  #parse(line: string): ParsedLine {
    const { header, messageStart } = this.#headers.read(line);
    if (line.startsWith(MARKER, messageStart)) {
      const result = this.#events.read(line, messageStart);
      if (result.kind === 'event') {
        this.#usualSpoe.learn(line, messageStart, header, result.event);
        return { kind: 'event', header, event: result.event, repeat: 1, torn: false };
      }
    }
    return parseLine(line);
  }

  #request(line: string, hash: number, input: Input, reader: AccessLineReader | LearningReader): void {
    const { counts } = input;
    const record = reader.read(line);
    input.format = reader.format;
    if (record === undefined) {
      if (isNotice(line)) counts.notices += 1;
      else counts.unparsed += 1;
      return;
    }
    if (isAnswer(record)) {
      counts.answers += 1;
      this.#handlers.onAnswer?.(record);
      return;
    }
    counts.parsed += 1;
    if (counts.parsed <= SAMPLE_LINES && input.firstBytes < SAMPLE_BYTES) {
      input.first.push(line);
      input.firstBytes += line.length;
    }
    if (record.isCut === true) counts.cut += 1;
    this.#told = line;
    this.#handlers.onRequest(record, hash, this.#lineTold);
  }

  #wait(line: string, hash: number, input: Input): void {
    input.sample.push(line);
    input.hashes.push(hash);
    input.sampleBytes += line.length;
    if (input.sample.length >= SAMPLE_LINES || input.sampleBytes >= SAMPLE_BYTES) this.#decide(input);
  }

  /** Finds the format from the lines that wait. When no format reads them, the next lines decide: a log may begin with anything. */
  #decide(input: Input): void {
    const { sample, hashes, clock } = input;
    if (sample.length === 0 || clock === undefined) return;
    input.sample = [];
    input.hashes = [];
    input.sampleBytes = 0;
    const detection = detectFormat(sample, this.#reading);
    if (detection === undefined) {
      for (const line of sample) input.counts[isNotice(line) ? 'notices' : 'unparsed'] += 1;
      return;
    }
    const reader = new LearningReader(detection, clock, this.#reading);
    input.format = detection.format;
    input.reader = reader;
    this.#handlers.onFormat?.(input.name, detection);
    sample.forEach((line, index) => {
      this.#request(line, hashes[index] as number, input, reader);
    });
  }

  #enter(name: string): Input {
    let input = this.#inputs.get(name);
    if (input === undefined) {
      input = {
        name,
        format: this.#given,
        counts: newCounts(),
        times: undefined,
        reader: undefined,
        clock: undefined,
        sample: [],
        hashes: [],
        sampleBytes: 0,
        first: [],
        firstBytes: 0,
        get unreadIds() {
          return this.format === undefined ? [] : findUnreadIds(this.format, this.first);
        },
      };
      this.#inputs.set(name, input);
    }
    return input;
  }
}

/** A record of a line that needs no text of it; the first lines are kept as texts. */
function readUsual({ reader, counts }: Input, bytes: Buffer, start: number, end: number): AccessRecord | undefined {
  return counts.parsed < SAMPLE_LINES ? undefined : reader?.readBytes(bytes, start, end);
}

function newCounts(): AccessCounts {
  return { lines: 0, parsed: 0, answers: 0, cut: 0, unparsed: 0, notices: 0, spoe: 0, malformedSpoe: 0, overlong: 0 };
}
