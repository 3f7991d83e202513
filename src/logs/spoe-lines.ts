/** Bytes of a log in, its SPOE events out: the fast path as a stream. */
import { Transform, type TransformCallback } from 'node:stream';
import { LineFeed } from './line-feed.ts';
import type { Names, Origin } from './names.ts';
import type { LineHeader, ParsedLine, SpoeEvent } from './record.ts';
import { RenewingScanner } from './renewing-scanner.ts';
import { Int, ROW_INTS, type RowBatch, RowFlag, timeOf } from './row.ts';
import { countersOf } from './scanner/row-writer.ts';
import { SeenEvents } from './seen-events.ts';
import { LineTally } from './tally.ts';
import { type ReadingTimes, streamTimes } from './time.ts';

/** Bytes that are read before the reader of the events is waited for: some 600 events wait at most. */
const SLICE_BYTES = 64 * 1024;

/** One SPOE event of a log, with what only its surroundings tell. */
export interface SpoeLine {
  /** Epoch ms; undefined when the line carries no time. */
  readonly timeMs: number | undefined;
  /** The writer of the line. One object serves all lines of a source: do not change it. */
  readonly header: Pick<LineHeader, 'host' | 'process' | 'pid' | 'scope'>;
  /** A timer of more than 24 days is 2147483647. */
  readonly event: SpoeEvent;
  /** `message repeated N times: […]` stands for N events; 1 otherwise, and always with `dropDuplicates`. */
  readonly repeat: number;
  /** Month, day, hour, minute and second of a time without a year, packed; 0 for others. Ids of exported traces are made of it. */
  readonly stamp?: number;
}

/** The input of summaries and exporters: bytes or text of a log, cut anywhere; or one of its lines, read already. */
export type LogChunk = Uint8Array | string | SpoeLine | ParsedLine;

export interface SpoeLinesOptions extends ReadingTimes {
  /** One event for what was written several times (two log targets); false without it. */
  readonly dropDuplicates?: boolean;
}

/** Counts of what was read so far; nothing is left out without being counted. */
export interface LineCounts {
  readonly bytes: number;
  /** Whole lines; the last one counts when the input ends. */
  readonly lines: number;
  /** Events that were given out, repetitions among them. */
  readonly events: number;
  /** Lines of events that came before; 0 unless they are dropped. */
  readonly duplicates: number;
  /** SPOE messages that are not events. */
  readonly other: number;
  readonly malformed: number;
  /** SPOE text that a client sent. */
  readonly spoofed: number;
  /** Lines that end in a whole event, behind a header that is not known; `unread` says what stands there. */
  readonly headerNotRead: number;
  /** Lines cut at 64 KiB; they are among the others. */
  readonly overlong: number;
  /** One sentence about lines whose header is not known, text of the log in it; absent without any. */
  readonly unread?: string;
}

/** A Transform: bytes or text in, SpoeLine objects out. */
export type SpoeLines = AsyncIterable<SpoeLine> &
  Transform & {
    /** Counts of what was written to it up to now. */
    readonly counts: LineCounts;
  };

/**
 * A stream of the SPOE events of a log, at the speed of the fast path. Lines may be cut anywhere between chunks; of
 * gzip, put `zlib.createGunzip()` before it. Waits for whoever reads it.
 *
 * @throws TimeZoneError `bad-time-zone`, RangeError for a year that is none
 */
export function spoeLines(options: SpoeLinesOptions = {}): SpoeLines {
  return new SpoeLinesStream(options);
}

class SpoeLinesStream extends Transform {
  readonly #tally = new LineTally();
  readonly #feed: LineFeed;
  readonly #seen: SeenEvents | undefined;
  #events = 0;
  #duplicates = 0;
  #names: Names | undefined;
  /** Headers by number of the origin. */
  #headers: SpoeLine['header'][] = [];
  /** Goes on with a chunk, or to the next one. */
  #waiting: (() => void) | undefined;
  /** True from a call of `_read` to the next event. */
  #isAsked = false;

  constructor(options: SpoeLinesOptions) {
    super({ readableObjectMode: true });
    const times = streamTimes(options);
    this.#seen = options.dropDuplicates ? new SeenEvents() : undefined;
    const scanner = new RenewingScanner(this.#tally, times, (batch) => this.#take(batch));
    this.#feed = new LineFeed(scanner, this.#tally, times);
  }

  get counts(): LineCounts {
    const { bytes, lines, other, malformed, spoofed, headerNotRead, overlong } = this.#tally;
    const unread = this.#tally.describeUnread();
    return {
      ...{ bytes, lines, events: this.#events, duplicates: this.#duplicates },
      ...{ other, malformed, spoofed, headerNotRead, overlong },
      ...(unread !== undefined && { unread }),
    };
  }

  /** Transform's own would park a chunk whose last part gave nothing, and not be asked to go on. */
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#goOn(chunk, 0, callback);
  }

  override _flush(callback: TransformCallback): void {
    this.#feed.end();
    callback();
  }

  override _read(): void {
    this.#isAsked = true;
    const goOn = this.#waiting;
    this.#waiting = undefined;
    goOn?.();
  }

  /** A chunk may be all of a file: its events must not wait all at once. */
  #goOn(chunk: Buffer, start: number, callback: TransformCallback): void {
    for (let at = start; at < chunk.length; at += SLICE_BYTES) {
      if (at > start && this.#isFull) {
        this.#waiting = () => this.#goOn(chunk, at, callback);
        return;
      }
      this.#feed.push(chunk.subarray(at, at + SLICE_BYTES));
    }
    if (this.#isFull) this.#waiting = callback;
    else callback();
  }

  /** Node asks again only after an answer, and asks at the high-water mark, too: who was asked goes on up to an event. */
  get #isFull(): boolean {
    return !this.#isAsked && this.readableLength >= this.readableHighWaterMark;
  }

  #take(batch: RowBatch): void {
    const { ints, floats, start, count, names } = batch;
    this.#seen?.mark(batch);
    if (names !== this.#names) {
      this.#names = names;
      this.#headers = [];
    }
    for (let i = 0, int = start >> 2; i < count; i++, int += ROW_INTS) this.#takeRow(ints, floats, int, names);
  }

  #takeRow(ints: Int32Array, floats: Float64Array, int: number, names: Names): void {
    let repeat = ints[int + Int.repeat] as number;
    if (this.#seen !== undefined) {
      const isRepeated = ((ints[int + Int.flags] as number) & RowFlag.repeated) !== 0;
      this.#duplicates += isRepeated ? repeat : repeat - 1;
      if (isRepeated) return;
      repeat = 1;
    }
    this.#events += repeat;
    const timeMs = timeOf(floats, int >> 1);
    this.#isAsked = false;
    this.push({
      timeMs: Number.isNaN(timeMs) ? undefined : timeMs,
      header: this.#headerOf(ints[int + Int.origin] as number, names),
      event: eventOf(ints, floats, int, names),
      repeat,
      stamp: ints[int + Int.stamp] as number,
    } satisfies SpoeLine);
  }

  #headerOf(origin: number, names: Names): SpoeLine['header'] {
    let header = this.#headers[origin];
    if (header === undefined) {
      header = describeOrigin(names.origins[origin]);
      this.#headers[origin] = header;
    }
    return header;
  }
}

function describeOrigin({ host, process, pid, scope }: Partial<Origin> = {}): SpoeLine['header'] {
  return {
    ...(host !== undefined && { host }),
    ...(process !== undefined && { process }),
    ...(pid !== undefined && { pid }),
    ...(scope !== undefined && { scope }),
  };
}

/** The object is written out: most of what a row costs here is its object. */
function eventOf(ints: Int32Array, floats: Float64Array, int: number, names: Names): SpoeEvent {
  const { agent = '', type = 'EVENT', name = '' } = names.keys[ints[int + Int.key] as number] ?? {};
  const sid = (ints[int + Int.sid] as number) >>> 0;
  const st = (ints[int + Int.status] as number) >>> 0;
  const pT = ints[int + Int.pT] as number;
  const [nbError, nbProcessed] = countersOf(ints, floats, int);
  if (((ints[int + Int.flags] as number) & RowFlag.phases) === 0)
    return { agent, type, name, sid, st, pT, nbError, nbProcessed };
  return {
    agent,
    type,
    name,
    sid,
    st,
    reqT: ints[int + Int.reqT] as number,
    qT: ints[int + Int.qT] as number,
    wT: ints[int + Int.wT] as number,
    resT: ints[int + Int.resT] as number,
    pT,
    idles: (ints[int + Int.idles] as number) >>> 0,
    applets: (ints[int + Int.applets] as number) >>> 0,
    nbSending: (ints[int + Int.sending] as number) >>> 0,
    nbWaiting: (ints[int + Int.waiting] as number) >>> 0,
    nbError,
    nbProcessed,
  };
}
