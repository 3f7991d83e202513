/**
 * The times that access lines carry, as moments. Successive lines are mostly of the same second: the text of the last
 * second that was read is kept with its moment.
 */
import type { HeaderTime } from '../record.ts';
import { parseIsoTime, scanIsoTime, TimeResolver } from '../time.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** `22/Nov/2026:07:20:43` */
const CLF_SECOND = /^(\d\d)\/([A-Z][a-z][a-z])\/(\d{4}):(\d\d):(\d\d):(\d\d)$/;
const CLF_LENGTH = 20;
/** ` +0000` */
const ZONE_LENGTH = 6;
/** `2026-11-22T07:20:43` */
const ISO_LENGTH = 19;

const DOT = 0x2e;
const SPACE = 0x20;
const ZED = 0x5a;

/** A text and the moment of its second. Never matches at first: no line holds a NUL. */
interface Known {
  text: string;
  ms: number;
}

export class AccessClock {
  #times: TimeResolver;
  /** By the last digit of the second, each with its zone: requests are logged when they end, some seconds after each other's beginning. */
  readonly #clf = Array.from({ length: 10 }, () => ({ text: '\0', zone: '', ms: Number.NaN }));
  readonly #iso: Known = { text: '\0', ms: Number.NaN };
  /** The seconds that isoBytes read last, by their last digit: lines come a little out of order. */
  readonly #seconds: (Known | undefined)[] = new Array<Known | undefined>(10).fill(undefined);

  constructor(times: TimeResolver) {
    this.#times = times;
  }

  get times(): TimeResolver {
    return this.#times;
  }

  /** Lines of another input follow. */
  set times(times: TimeResolver) {
    if (times === this.#times) return;
    this.#times = times;
    for (const known of this.#clf) known.text = '\0';
    this.#iso.text = '\0';
    this.#seconds.fill(undefined);
  }

  /** The moment of a header's time; NaN without one. */
  header(time: HeaderTime | undefined): number {
    return time === undefined ? Number.NaN : this.#times.resolve(time);
  }

  /**
   * `22/Nov/2026:07:20:43.107` (HAProxy: its own zone), `22/Nov/2026:07:20:43 +0000`, also without decimals or zone.
   * NaN for anything else.
   */
  clf(line: string, start: number, end: number): number {
    const zoned = line.charCodeAt(end - ZONE_LENGTH) === SPACE && end - start >= CLF_LENGTH + ZONE_LENGTH;
    const zone = zoned ? line.slice(end - ZONE_LENGTH, end) : '';
    const known = this.#clf[line.charCodeAt(start + CLF_LENGTH - 1) - 0x30];
    if (known === undefined) return Number.NaN;
    // The zone is short, and part of what is known: one place has the same one on every line.
    if (!line.startsWith(known.text, start) || known.text.length !== CLF_LENGTH || zone !== known.zone) {
      const text = line.slice(start, start + CLF_LENGTH);
      known.ms = this.#clfSecond(text, zone);
      known.text = text;
      known.zone = zone;
    }
    return known.ms + millis(line, start + CLF_LENGTH, end - zone.length);
  }

  #clfSecond(text: string, zone: string): number {
    const match = CLF_SECOND.exec(text);
    const month = MONTHS.indexOf(match?.[2] ?? '') + 1;
    if (match === null || month === 0) return Number.NaN;
    const [, day, , year, hour, minute, second] = match;
    return this.#moment(`${year}-${String(month).padStart(2, '0')}-${day}T${hour}:${minute}:${second}${zone.trim()}`);
  }

  /** ISO 8601, with `T` or a space, with or without decimals and zone; NaN for anything else. */
  iso(line: string, start: number, end: number): number {
    const known = this.#iso;
    const at = start + ISO_LENGTH;
    const isUtc = line.charCodeAt(end - 1) === ZED;
    if (isUtc && known.text.length === ISO_LENGTH && line.startsWith(known.text, start)) {
      return known.ms + millis(line, at, end - 1);
    }
    if (!isUtc) return this.#moment(line.slice(start, end));
    const text = line.slice(start, at);
    known.ms = this.#moment(`${text}Z`);
    known.text = text;
    return known.ms + millis(line, at, end - 1);
  }

  /** The same for bytes[start, end) of a line, which are ASCII. */
  isoBytes(bytes: Buffer, start: number, end: number): number {
    const digit = (bytes[start + ISO_LENGTH - 1] as number) - 0x30;
    const known = this.#seconds[digit];
    if (known !== undefined && bytes[end - 1] === ZED && isText(known.text, bytes, start)) {
      const ms = millisOf(bytes, start + ISO_LENGTH, end - 1);
      if (ms >= 0) {
        if (known.text !== this.#iso.text) this.#enter(known);
        return known.ms + ms;
      }
    }
    const text = bytes.toString('latin1', start, end);
    const ms = this.iso(text, 0, text.length);
    if (digit >= 0 && digit <= 9 && text.endsWith('Z') && !Number.isNaN(this.#iso.ms))
      this.#seconds[digit] = { text: this.#iso.text, ms: this.#iso.ms };
    return ms;
  }

  /** The line is of another second than the one before, as which it is remembered where years have to be found. */
  #enter({ text, ms }: Known): void {
    this.#iso.text = text;
    this.#iso.ms = ms;
    this.#times.previousMs = ms;
  }

  #moment(text: string): number {
    const time = parseIsoTime(text);
    return time === undefined ? Number.NaN : this.#times.resolve(time);
  }

  /** `1795332043`, `1795332043.107` or a number of milli-, micro- or nanoseconds: the size tells. */
  epoch(value: number): number {
    if (!(value >= 1e8 && value < 8.64e21)) return Number.NaN;
    // Whole microseconds come first: 1795332043.107 * 1000 is a little less than it should be.
    if (value < 1e11) return Math.floor(Math.round(value * 1e6) / 1e3);
    return Math.floor(value < 1e14 ? value : value < 1e17 ? value / 1e3 : value / 1e6);
  }

  /** Reads a time in any form that a JSON log has. */
  any(text: string): number {
    const trimmed = text.startsWith('[') ? text.slice(1, -1) : text;
    if (/^\d+(?:\.\d+)?$/.test(trimmed)) return this.epoch(Number(trimmed));
    if (trimmed.charCodeAt(2) === 0x2f) return this.clf(trimmed, 0, trimmed.length);
    return this.iso(trimmed, 0, trimmed.length);
  }
}

/** A clock for callers to whom it does not matter which moments the times mean. */
export function anyClock(): AccessClock {
  return new AccessClock(new TimeResolver({ zone: { offsetMinutes: 0 }, referenceMs: 0 }));
}

/** `.107`, `.107123` → 107; nothing → 0; NaN for anything else. */
function millis(line: string, start: number, end: number): number {
  if (end <= start) return end === start ? 0 : Number.NaN;
  const first = line.charCodeAt(start);
  if (first !== DOT && first !== 0x2c) return Number.NaN;
  let value = 0;
  for (let at = start + 1; at < start + 4; at += 1) {
    const digit = at < end ? line.charCodeAt(at) - 0x30 : 0;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function isText(text: string, bytes: Buffer, start: number): boolean {
  // The end differs sooner.
  for (let i = text.length - 1; i >= 0; i -= 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

/** `.107`, `.107123` → 107; nothing → 0; -1 for anything else. */
function millisOf(bytes: Buffer, start: number, end: number): number {
  if (end <= start) return end === start ? 0 : -1;
  if (bytes[start] !== DOT) return -1;
  let value = 0;
  for (let at = start + 1; at < start + 4; at += 1) {
    const digit = at < end ? (bytes[at] as number) - 0x30 : 0;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The index behind `2026-11-22T07:20:43.107+00:00 ` at `at`, and its time; undefined without one. s6-log has two spaces. */
export function scanLeadingTime(line: string, at: number): { time: HeaderTime; end: number } | undefined {
  const scanned = scanIsoTime(line, at);
  if (scanned === undefined || line.charCodeAt(scanned.end) !== SPACE) return undefined;
  const isTwo = line.charCodeAt(scanned.end + 1) === SPACE;
  return { time: scanned.time, end: scanned.end + (isTwo ? 2 : 1) };
}
