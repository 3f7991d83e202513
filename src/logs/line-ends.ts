/**
 * The last lines of what was read: whose requests they are, and of when. Looking at every line would cost as much as
 * all the rest, and what matters is whether requests go on where events do not.
 */
import { openFirst } from './line.ts';
import { monthNumber } from './month-names.ts';
import { readLastOwnLine } from './own-lines.ts';
import { MARKER } from './spoe-line.ts';
import type { LineTally } from './tally.ts';
import { readWrittenTime, type TimeResolver } from './time.ts';

/** Bytes of the end that are kept to be looked at. */
const KEPT_BYTES = 32 * 1024;
/** Bytes of one line that are looked at. */
const LINE_BYTES = 4096;
const NEWLINE = 0x0a;
/** The parts that nearly every line of a request has: timers as HAProxy writes them, a method or a version. */
const REQUEST = /-?\d+\/-?\d+\/-?\d+|\b(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT)\b|HTTP\/\d/;
/** The accept date of HAProxy, the only time in a line without a header. */
const ACCEPTED = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ([+-]\d{4}))?\]/;

export class LineEnds {
  readonly #tally: LineTally;
  readonly #kept = Buffer.allocUnsafe(KEPT_BYTES);
  #length = 0;
  /** The kept bytes begin inside a line. */
  #isCut = false;
  #times: TimeResolver | undefined;

  constructor(tally: LineTally) {
    this.#tally = tally;
  }

  /** Keeps the end of input[start, end), a block of whole lines, until they are asked for. */
  keep(input: Buffer, start: number, end: number, times: TimeResolver): void {
    const from = Math.max(start, end - KEPT_BYTES);
    const last = input.subarray(from, end);
    // Holes that truncating leaves are no part of a line.
    const bytes = last.includes(0) ? last.filter((byte) => byte !== 0) : last;
    const old = Math.min(this.#length, KEPT_BYTES - bytes.length);
    this.#isCut = from > start || old < this.#length || (this.#isCut && old > 0);
    this.#kept.copyWithin(0, this.#length - old, this.#length);
    this.#kept.set(bytes, old);
    this.#length = old + bytes.length;
    this.#times = times;
    this.#tally.awaitLook(this);
  }

  /** Counts the requests in what was kept. */
  look(): void {
    this.lookInto(this.#tally);
  }

  /** The same in another tally; what was kept stays. */
  lookInto(tally: LineTally): void {
    const times = this.#times;
    if (times === undefined || this.#length === 0) return;
    const requests = new Map<string, { count: number; last: number | null }>();
    let at = this.#isCut ? this.#kept.subarray(0, this.#length).indexOf(NEWLINE) + 1 : 0;
    let text = '';
    while (at < this.#length) {
      const newline = this.#kept.subarray(0, this.#length).indexOf(NEWLINE, at);
      const end = newline < 0 ? this.#length : newline;
      text = this.#kept.toString('utf8', at, Math.min(end, at + LINE_BYTES));
      this.#addLine(text, requests, times);
      at = end + 1;
    }
    for (const [host, { count, last }] of requests) tally.setRequests(host, count, last);
    const { header, message } = openFirst(text);
    const timeMs = header.time === undefined ? null : times.peek(header.time);
    const last = readLastOwnLine(header, message);
    tally.endsInStop = last?.kind === 'stop' ? { timeMs } : undefined;
    if (last?.kind === 'server') tally.own.add(last, timeMs ?? undefined);
  }

  /** Forgets the end: what comes next is another input. */
  forget(): void {
    this.#length = 0;
    this.#isCut = false;
  }

  #addLine(text: string, requests: Map<string, { count: number; last: number | null }>, times: TimeResolver): void {
    const isSpoe = text.includes(MARKER);
    if (!isSpoe && !REQUEST.test(text)) return;
    const { header, message } = openFirst(text);
    const host = header.host ?? '';
    const known = requests.get(host) ?? { count: 0, last: null };
    requests.set(host, known);
    if (isSpoe) {
      known.count = 0;
      return;
    }
    if (readLastOwnLine(header, message) !== undefined) return;
    known.count += 1;
    const time = header.time ?? acceptedTime(text);
    const timeMs = time === undefined ? null : times.peek(time);
    if (timeMs !== null) known.last = Math.max(timeMs, known.last ?? timeMs);
  }
}

function acceptedTime(text: string) {
  const match = ACCEPTED.exec(text);
  if (match === null) return undefined;
  const [, day, month = '', year, hour, minute, second, fraction, zone] = match;
  return readWrittenTime({ year, month: monthNumber(month) ?? 0, day, hour, minute, second, fraction, zone });
}
