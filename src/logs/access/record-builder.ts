/** Values of a line → AccessRecord, the same for every format. */

import { mediaTypeOf } from '../../text/media-type.ts';
import type { AccessRecord } from '../access-record.ts';
import type { LineHeader } from '../record.ts';
import type { AccessClock } from './clock.ts';
import { roundMicros, sumOfSeconds } from './durations.ts';
import {
  type DecodedId,
  decodeUniqueId,
  findTrace,
  findUniqueId,
  isCutUniqueId,
  isTraceparentAt,
  NO_TRACE,
  readSpanId,
  readTrace,
  type Trace,
} from './identity.ts';
import { type Positions, Slot } from './slots.ts';
import { decodeEscapes, type Escape } from './unescape.ts';

/** The notation of the values of one format. */
export interface Notation {
  readonly escape: Escape;
  /** An escape of the whole line, besides: HAProxy's `#22` in JSON. */
  readonly innerEscape?: Escape;
  /** The captured header that is the id. */
  readonly idCapture?: { readonly slot: Slot; readonly index: number };
  /** Something called `time` need not be one: then that of the line's header counts. */
  readonly isTimeOptional?: boolean;
  /** True for numbers in hexadecimal: HAProxy's +X. */
  readonly hexSid?: boolean;
  readonly hexPid?: boolean;
  readonly hexEpoch?: boolean;
  readonly hexMillis?: boolean;
}

const BAD_REQUEST = '<BADREQ>';
const GREATER = 0x3e;
const MAX_CONTENT_TYPE = 1_000;
/** RFC 9110 section 5.6.2. */
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Times that were read elsewhere: their units are no part of the format. */
export interface Durations {
  readonly firstByteMs: number;
  readonly totalMs: number;
}

interface Request {
  readonly method: string;
  readonly target: string;
  readonly malformed: boolean;
}

const MALFORMED: Request = { method: '', target: '', malformed: true };

export class RecordBuilder {
  readonly #notation: Notation;
  /** The method of the last request, with its space: most are the same. */
  #method = ' ';

  constructor(notation: Notation) {
    this.#notation = notation;
  }

  /** Makes the record; undefined when a value is not what its place says: the line has another format. */
  build(
    line: string,
    positions: Positions,
    header: LineHeader,
    clock: AccessClock,
    times: Durations | undefined = undefined,
  ): AccessRecord | undefined {
    const status = this.#status(line, positions);
    if (status === undefined) return undefined;
    let timeMs = this.#time(line, positions, header, clock);
    if (Number.isNaN(timeMs) && hasOwnTime(positions)) {
      if (this.#notation.isTimeOptional !== true) return undefined;
      timeMs = clock.header(header.time);
    }
    const firstByteMs = times === undefined ? firstByte(line, positions) : times.firstByteMs;
    const totalMs = times === undefined ? total(line, positions) : times.totalMs;
    if (Number.isNaN(totalMs) && hasOtherText(line, positions, TOTALS)) return undefined;
    if (positions.has(Slot.lastOfGroup) && hasOtherText(line, positions, GROUP_ENDS)) return undefined;
    const trace = this.#trace(line, positions);
    const request = this.#request(line, positions);
    const uniqueId = this.#uniqueId(line, positions);
    let sid = readInteger(line, positions, Slot.sid, this.#notation.hexSid === true);
    let pid = readInteger(line, positions, Slot.pid, this.#notation.hexPid === true);
    if (pid < 0) pid = header.pid ?? -1;
    if ((sid < 0 || pid < 0) && uniqueId !== '') {
      const decoded = this.#decodeId(line, positions, uniqueId);
      if (sid < 0) sid = decoded?.sid ?? -1;
      if (pid < 0) pid = decoded?.pid ?? -1;
    }
    const record: AccessRecord = {
      timeMs,
      method: request.method,
      target: request.target,
      malformed: request.malformed,
      status,
      termination: positions.has(Slot.termination) ? this.#text(line, positions, Slot.termination) : '',
      noServer: positions.has(Slot.server) && isNoServer(line, positions),
      firstByteMs,
      totalMs,
      uniqueId,
      traceId: trace.traceId,
      spanId: trace.spanId,
      sid,
      pid,
      host: header.host ?? this.#optional(line, positions, Slot.host),
      error: positions.has(Slot.error) ? this.#optional(line, positions, Slot.error) : '',
      destination: positions.has(Slot.destination) ? this.#optional(line, positions, Slot.destination) : '',
      message: positions.has(Slot.message) ? this.#optional(line, positions, Slot.message) : '',
      requestBytes: readInteger(line, positions, Slot.requestBytes, false),
      responseBytes: readInteger(line, positions, Slot.responseBytes, false),
      sentBytes: readInteger(line, positions, Slot.sentBytes, false),
    };
    // Only where there is one: an object that something is spread into takes longer to make.
    return positions.has(Slot.contentType) ? { ...record, contentType: this.#contentType(line, positions) } : record;
  }

  /** -1 for none; undefined when it is no status. */
  #status(line: string, positions: Positions): number | undefined {
    const start = positions.starts[Slot.status] as number;
    if (start < 0) return positions.has(Slot.error) ? -1 : undefined;
    const end = positions.ends[Slot.status] as number;
    if (end - start === 3) {
      const status = readDigits(line, start, end);
      if (status >= 100) return status;
    }
    const text = line.slice(start, end);
    // `200 OK`, as some write it.
    if (/^[1-5]\d\d [A-Z]/.test(text)) return readDigits(line, start, start + 3);
    // Status 000 is nginx's for a connection that was closed, 009 for HTTP/0.9 clients; 0 is curl's and the C agent's.
    return text === '-1' || text === '-' || text === '' || /^0{1,3}9?$/.test(text) ? -1 : undefined;
  }

  #time(line: string, positions: Positions, header: LineHeader, clock: AccessClock): number {
    const { starts, ends } = positions;
    let ms = Number.NaN;
    if (positions.has(Slot.clfTime)) {
      ms = clock.clf(line, starts[Slot.clfTime] as number, ends[Slot.clfTime] as number);
    } else if (positions.has(Slot.isoTime)) {
      ms = clock.iso(line, starts[Slot.isoTime] as number, ends[Slot.isoTime] as number);
    } else if (positions.has(Slot.epoch)) {
      const text = positions.text(line, Slot.epoch);
      ms = clock.epoch(this.#notation.hexEpoch === true ? Number.parseInt(text, 16) : Number(text));
    } else if (positions.has(Slot.anyTime)) {
      ms = clock.any(this.#text(line, positions, Slot.anyTime));
    } else return clock.header(header.time);
    if (!positions.has(Slot.millis) || ms % 1000 !== 0) return ms;
    return ms + Math.max(0, readInteger(line, positions, Slot.millis, this.#notation.hexMillis === true));
  }

  #request(line: string, positions: Positions): Request {
    const start = positions.starts[Slot.request] as number;
    if (start >= 0) return this.#requestLine(line, start, positions.ends[Slot.request] as number);
    const method = this.#text(line, positions, Slot.method);
    const target = this.#target(line, positions);
    if (method === BAD_REQUEST || target === BAD_REQUEST || method === '-') return MALFORMED;
    return { method, target, malformed: false };
  }

  /** `GET /x HTTP/1.1`; without a version when HAProxy cut it (1023 bytes) or the client was of 1991. */
  #requestLine(line: string, start: number, end: number): Request {
    const method = line.startsWith(this.#method, start) ? this.#method : this.#readMethod(line, start, end);
    if (method.length < 2) return MALFORMED;
    const from = start + method.length;
    const last = line.lastIndexOf(' ', end - 1);
    const hasVersion = last >= from && line.startsWith('HTTP/', last + 1) && last + 6 < end;
    const to = hasVersion ? last : end;
    if (to <= from) return MALFORMED;
    return { method: method.slice(0, -1), target: this.#unescape(line.slice(from, to)), malformed: false };
  }

  /** The method with the space behind it; empty when no method is there. */
  #readMethod(line: string, start: number, end: number): string {
    const space = line.indexOf(' ', start);
    if (space <= start || space >= end || !METHOD.test(line.slice(start, space))) return '';
    this.#method = line.slice(start, space + 1);
    return this.#method;
  }

  #target(line: string, positions: Positions): string {
    const hasTarget = positions.has(Slot.target);
    const path = hasTarget ? this.#text(line, positions, Slot.target) : this.#optional(line, positions, Slot.path);
    // The query may stand apart: nginx's $uri beside $args, ECS' url.path beside url.query.
    if (!positions.has(Slot.query) || path.includes('?') || path === BAD_REQUEST) return path;
    const query = this.#optional(line, positions, Slot.query);
    return query === '' || query === '?' ? path : `${path}${query.startsWith('?') ? '' : '?'}${query}`;
  }

  #uniqueId(line: string, positions: Positions): string {
    const { idCapture } = this.#notation;
    if (idCapture !== undefined) {
      // Bars within a header are escaped.
      const id = positions.text(line, idCapture.slot).split('|')[idCapture.index] ?? '';
      return id === '-' ? '' : this.#unescape(id);
    }
    if (!positions.has(Slot.id)) {
      return positions.has(Slot.captures) ? this.#unescape(findUniqueId(positions.text(line, Slot.captures))) : '';
    }
    const id = this.#optional(line, positions, Slot.id);
    // Half an id is no id. Only at the end of a line can it be cut.
    const isLast = this.#notation.escape !== 'json' && line.length - (positions.ends[Slot.id] as number) <= 1;
    return isLast && isCutUniqueId(id) ? '' : id;
  }

  #decodeId(line: string, positions: Positions, uniqueId: string): DecodedId | undefined {
    const start = positions.starts[Slot.id] as number;
    const end = positions.ends[Slot.id] as number;
    // What an escape was in is shorter than it was; what a capture was is another text.
    const isThere = start >= 0 && this.#notation.idCapture === undefined && end - start === uniqueId.length;
    return isThere ? decodeUniqueId(line, start, end) : decodeUniqueId(uniqueId);
  }

  /** The trace of the field with that name, else of a captured header, else of a unique id that is a traceparent. */
  #trace(line: string, positions: Positions): Trace {
    if (positions.has(Slot.trace)) {
      const trace = readTrace(this.#text(line, positions, Slot.trace));
      if (trace.spanId !== '' || trace.traceId === '') return trace;
      return { traceId: trace.traceId, spanId: readSpanId(this.#optional(line, positions, Slot.span)) };
    }
    const trace = positions.has(Slot.captures) ? findTrace(positions.text(line, Slot.captures)) : NO_TRACE;
    if (trace !== NO_TRACE || !positions.has(Slot.id)) return trace;
    return isTraceparentAt(line, positions.starts[Slot.id] as number)
      ? readTrace(this.#text(line, positions, Slot.id))
      : NO_TRACE;
  }

  /** What is behind so many characters is no part of a media type. */
  #contentType(line: string, positions: Positions): string {
    return mediaTypeOf(this.#unescape(positions.text(line, Slot.contentType).slice(0, MAX_CONTENT_TYPE)));
  }

  #text(line: string, positions: Positions, slot: Slot): string {
    return this.#unescape(positions.text(line, slot));
  }

  /** The value of an optional slot; `-` is no value. */
  #optional(line: string, positions: Positions, slot: Slot): string {
    const text = positions.has(slot) ? this.#text(line, positions, slot) : '';
    return text === '-' ? '' : text;
  }

  #unescape(text: string): string {
    const { innerEscape } = this.#notation;
    const outer = decodeEscapes(text, this.#notation.escape);
    return innerEscape === undefined ? outer : decodeEscapes(outer, innerEscape);
  }
}

function hasOwnTime(positions: Positions): boolean {
  const { clfTime, isoTime, epoch, anyTime } = Slot;
  return [clfTime, isoTime, epoch, anyTime].some((slot) => positions.has(slot));
}

/**
 * HAProxy writes who answered (strm_log, %s): a server, `<NOSRV>`, or the applet: `<STATS>`, `<PROMEX>`, `<CACHE>`,
 * `<lua.name>`, `<HTTPCLIENT>`, `<CLI>`, `<SPOE>`, `<PEER>`, and others to come. No server can be called so: names have
 * letters, digits and `-_.:` (invalid_char).
 */
function isNoServer(line: string, positions: Positions): boolean {
  const end = positions.ends[Slot.server] as number;
  if (line.charCodeAt(end - 1) !== GREATER) return false;
  // JSON logs may have both in one: `be_servers/<NOSRV>`.
  const start = line.lastIndexOf('<', end - 1);
  return start >= (positions.starts[Slot.server] as number) && end - start > 2;
}

/** Decimal digits and nothing else; -1 otherwise. */
function readDigits(line: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = line.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return end > start ? value : -1;
}

/** A whole number from 0 up; -1 otherwise. */
function readInteger(line: string, positions: Positions, slot: Slot, isHex: boolean): number {
  const start = positions.starts[slot] as number;
  if (start < 0) return -1;
  if (!isHex) return readDigits(line, start, positions.ends[slot] as number);
  const text = positions.text(line, slot);
  return /^[0-9A-Fa-f]{1,12}$/.test(text) ? Number.parseInt(text, 16) : -1;
}

/** -1 as HAProxy logs it, `+12` of its logasap, decimals; NaN for none (`-`). */
function readNumber(line: string, positions: Positions, slot: Slot): number {
  const start = positions.starts[slot] as number;
  if (start < 0) return Number.NaN;
  const end = positions.ends[slot] as number;
  const first = line.charCodeAt(start);
  const isSigned = first === 0x2b || first === 0x2d;
  const value = readDecimal(line, isSigned ? start + 1 : start, end);
  return first === 0x2d ? -value : value;
}

const MAX_DIGITS = 15;

/** `12`, `12.345`; NaN for anything else. As exact as Number(): both numbers of the division are. */
function readDecimal(line: string, start: number, end: number): number {
  let digits = 0;
  let scale = 0;
  if (end - start > MAX_DIGITS) return readLongDecimal(line.slice(start, end));
  for (let at = start; at < end; at += 1) {
    const code = line.charCodeAt(at);
    if (code === 0x2e && scale === 0 && at > start) scale = 1;
    else if (code < 0x30 || code > 0x39) return readLongDecimal(line.slice(start, end));
    else {
      digits = digits * 10 + code - 0x30;
      scale *= 10;
    }
  }
  return start === end ? Number.NaN : scale > 1 ? digits / scale : digits;
}

function readLongDecimal(text: string): number {
  return /^\d{1,20}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/.test(text) ? Number(text) : Number.NaN;
}

function firstByte(line: string, positions: Positions): number {
  const ms = readNumber(line, positions, Slot.firstByteMs);
  if (!Number.isNaN(ms)) return ms;
  const micros = readNumber(line, positions, Slot.firstByteMicros);
  return Number.isNaN(micros) ? sumOfSeconds(positions.text(line, Slot.firstByteSeconds)) : roundMicros(micros / 1000);
}

const TOTALS: readonly Slot[] = [Slot.activeMs, Slot.totalMs, Slot.totalSeconds, Slot.totalMicros];
const GROUP_ENDS: readonly Slot[] = [Slot.lastOfGroup];

/** `0/1/12/13` where the last of five timers should be: the line has more of them, and each would be another's. */
function hasOtherText(line: string, positions: Positions, slots: readonly Slot[]): boolean {
  return slots.some((slot) => {
    if (!positions.has(slot) || !Number.isNaN(readNumber(line, positions, slot))) return false;
    const text = positions.text(line, slot);
    return text !== '' && text !== '-';
  });
}

function total(line: string, positions: Positions): number {
  let ms = readNumber(line, positions, Slot.activeMs);
  if (Number.isNaN(ms)) ms = readNumber(line, positions, Slot.totalMs);
  if (Number.isNaN(ms)) ms = toMs(readNumber(line, positions, Slot.totalSeconds));
  if (Number.isNaN(ms)) ms = roundMicros(readNumber(line, positions, Slot.totalMicros) / 1000);
  return Number.isNaN(ms) ? sumOfSeconds(positions.text(line, Slot.upstreamSeconds)) : ms;
}

function toMs(seconds: number): number {
  return seconds === -1 ? -1 : roundMicros(seconds * 1000);
}
