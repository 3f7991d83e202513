// The fast path, in AssemblyScript: finds SPOE lines in a block of bytes and writes what they say as rows.
//
// It only ever accepts what it understands completely: a header it was taught (origins), an event name it was
// taught (keys), fields in HAProxy's exact shape up to the end of the line. Everything else goes to the plain
// path through `plainLine`, in order, so that both paths always agree (test/logs/scanner.test.ts).
//
// Why WebAssembly: 16 bytes a step with SIMD where JavaScript takes one (docs/PERFORMANCE.md has the ratio).

// Row layout, shared with ../row.ts: 32-bit words, then 64-bit floats from byte 64 on.
const ROW_BYTES: usize = 96;
const AT_KEY: usize = 0;
const AT_ORIGIN: usize = 4;
const AT_STATUS: usize = 8;
const AT_FLAGS: usize = 12;
const AT_REQ: usize = 16;
const AT_QUEUE: usize = 20;
const AT_WAIT: usize = 24;
const AT_RES: usize = 28;
const AT_TOTAL: usize = 32;
const AT_IDLES: usize = 36;
const AT_APPLETS: usize = 40;
const AT_SENDING: usize = 44;
const AT_WAITING: usize = 48;
const AT_REPEAT: usize = 52;
const AT_TIME: usize = 64;
const AT_PROCESSED: usize = 72;
const AT_ERRORS: usize = 80;

const FLAG_PHASES: i32 = 1;
const FLAG_TIME: i32 = 2;

// What stands before the origin text; a taught origin is valid for exactly one of these shapes.
const SHAPE_PRI: i32 = 1;
const SHAPE_RFC5424: i32 = 2;
const SHAPE_LOCAL_TIME: i32 = 4;
const SHAPE_ISO_TIME: i32 = 8;

const MARKER: u32 = 0x454f5053; // "SPOE", little endian
const NEWLINE: u8 = 0x0a;

// ── memory map ──────────────────────────────────────────────────────────────────────────────────────────────

const MAX_TEXT: usize = 128; // longest origin or key text that can be taught
const MAX_ORIGINS: i32 = 512;
const MAX_KEYS: i32 = 64;
const MAX_ROWS: i32 = 4096;
const MAX_LINE: usize = 65536;
const INPUT_BYTES: usize = 4 * 1024 * 1024;

// Comparisons read up to 15 bytes past a text: every area ends with that much slack.
const SLACK: usize = 64;
const ENTRY_BYTES: usize = MAX_TEXT + 16; // length, shape, id, then the text
const ORIGINS: usize = 1024;
const KEYS: usize = ORIGINS + (MAX_ORIGINS as usize) * ENTRY_BYTES + SLACK;
const ROWS: usize = (KEYS + (MAX_KEYS as usize) * ENTRY_BYTES + SLACK + 63) & ~63;
const INPUT: usize = ROWS + (MAX_ROWS as usize) * ROW_BYTES + SLACK;
const END: usize = INPUT + INPUT_BYTES + SLACK;

export const inputStart: i32 = INPUT as i32;
export const inputBytes: i32 = INPUT_BYTES as i32;
export const rowsStart: i32 = ROWS as i32;
export const maxText: i32 = MAX_TEXT as i32;

// ── talking to JavaScript ───────────────────────────────────────────────────────────────────────────────────

/** Turns a time without year and zone (packed month, day, hour, minute, second) into epoch ms. */
declare function resolveLocalTime(packed: i32): f64;
/**
 * Handles [start, end) the plain way. May write one row at `row` and returns how many it wrote. When the header was
 * understood up to the marker, `originStart`, `markerStart` and `shape` say what may be taught; else markerStart is 0.
 */
declare function plainLine(start: i32, end: i32, row: i32, originStart: i32, markerStart: i32, shape: i32): i32;

/** Bytes the last scan() got through, counted from its start. */
export let position: i32 = 0;
/** Newlines seen by scan() so far; JavaScript reads and resets it. */
export let lines: i32 = 0;
/** Lines without a marker that are longer than the bound; JavaScript reads and resets it. */
export let overlong: i32 = 0;
/** The epoch ms of the previous SPOE line that had a time: RFC 3164 years are chosen nearest to it. NaN at first. */
export let previousTime: f64 = NaN;

let originCount: i32 = 0;
let lastOrigin: usize = 0;
let keyCount: i32 = 0;
let lastKey: usize = 0;

let lastLocalA: u64 = 0; // the 15 bytes of the last RFC 3164 time and the space after it
let lastLocalB: u64 = 0;
let lastLocalTime: f64 = 0;

let lastDayA: u64 = 0; // the 10 bytes of the last ISO date
let lastDayB: u32 = 0;
let lastDayMs: f64 = 0;

/** Ensures the memory holds all areas. Called once. */
export function initialize(): void {
  const pages = ((END + 65535) >>> 16) as i32;
  if (memory.size() < pages) memory.grow(pages - memory.size());
}

/** Teaches the text before the marker (after PRI, version and time) and what it stands for. */
export function teachOrigin(start: i32, end: i32, shape: i32, id: i32): void {
  const length = end - start;
  if (length > (MAX_TEXT as i32) || originCount >= MAX_ORIGINS) return;
  store32Entry(ORIGINS + (originCount as usize) * ENTRY_BYTES, start, length, shape, id);
  originCount++;
}

/** Teaches `SPOE: [agent] <EVENT:name> sid=` and what it stands for. */
export function teachKey(start: i32, end: i32, id: i32): void {
  const length = end - start;
  if (length > (MAX_TEXT as i32) || keyCount >= MAX_KEYS) return;
  store32Entry(KEYS + (keyCount as usize) * ENTRY_BYTES, start, length, 0, id);
  keyCount++;
}

/** Sets the previous time after a line that was handled the plain way, or for another file. */
export function setPreviousTime(time: f64): void {
  if (time != previousTime) {
    previousTime = time;
    lastLocalA = 0; // the same RFC 3164 text may mean another year now
  }
}

/** Lets JavaScript reset the counters it has taken over. */
export function resetCounters(): void {
  lines = 0;
  overlong = 0;
}

function store32Entry(entry: usize, start: i32, length: i32, shape: i32, id: i32): void {
  store<i32>(entry, length);
  store<i32>(entry, shape, 4);
  store<i32>(entry, id, 8);
  memory.copy(entry + 16, start as usize, length as usize);
}

// @ts-ignore: decorator
@inline
function sameBytes(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(a + i), v128.load(b + i)))) return false;
  }
  for (; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

function findOrigin(start: usize, length: i32, shape: i32): usize {
  if (lastOrigin && matchesEntry(lastOrigin, start, length, shape)) return lastOrigin;
  for (let i = 0, entry = ORIGINS; i < originCount; i++, entry += ENTRY_BYTES) {
    if (matchesEntry(entry, start, length, shape)) {
      lastOrigin = entry;
      return entry;
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function matchesEntry(entry: usize, start: usize, length: i32, shape: i32): bool {
  return load<i32>(entry) == length && load<i32>(entry, 4) == shape && sameBytes(entry + 16, start, length as usize);
}

function findKey(start: usize, end: usize): usize {
  for (let i = 0, entry = KEYS; i < keyCount; i++, entry += ENTRY_BYTES) {
    const length = load<i32>(entry) as usize;
    if (start + length <= end && sameBytes(entry + 16, start, length)) {
      lastKey = entry;
      return entry;
    }
  }
  return 0;
}

// ── times ───────────────────────────────────────────────────────────────────────────────────────────────────

// @ts-ignore: decorator
@inline
function digit(at: usize): i32 {
  return (load<u8>(at) as i32) - 48;
}

/** Two decimal digits, or a negative number. */
// @ts-ignore: decorator
@inline
function twoDigits(at: usize): i32 {
  const tens = digit(at);
  const ones = digit(at + 1);
  return (tens as u32) > 9 || (ones as u32) > 9 ? -1000 : tens * 10 + ones;
}

function monthNumber(at: usize): i32 {
  const name = (load<u32>(at) & 0x00ffffff) as i32;
  if (name == 0x6e614a) return 1; // Jan, little endian, and so on
  if (name == 0x626546) return 2;
  if (name == 0x72614d) return 3;
  if (name == 0x727041) return 4;
  if (name == 0x79614d) return 5;
  if (name == 0x6e754a) return 6;
  if (name == 0x6c754a) return 7;
  if (name == 0x677541) return 8;
  if (name == 0x706553) return 9;
  if (name == 0x74634f) return 10;
  if (name == 0x766f4e) return 11;
  if (name == 0x636544) return 12;
  return 0;
}

/** `Mmm dd hh:mm:ss` packed into 26 bits, or -1. */
function packLocalTime(at: usize): i32 {
  const month = monthNumber(at);
  if (month == 0 || load<u8>(at, 3) != 0x20 || load<u8>(at, 6) != 0x20) return -1;
  const day = load<u8>(at, 4) == 0x20 ? digit(at + 5) : twoDigits(at + 4);
  if (day < 1 || day > daysInMonth(2000, month)) return -1; // which year is not known yet
  if (load<u8>(at, 9) != 0x3a || load<u8>(at, 12) != 0x3a) return -1;
  const hour = twoDigits(at + 7);
  const minute = twoDigits(at + 10);
  const second = twoDigits(at + 13);
  if ((hour as u32) > 23 || (minute as u32) > 59 || (second as u32) > 59) return -1;
  return (month << 22) | (day << 17) | (hour << 12) | (minute << 6) | second;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function daysFromCivil(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

// @ts-ignore: decorator
@inline
function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

let isoTime: f64 = 0;

/** Reads an ISO 8601 time into `isoTime`; returns where it ends, or 0. Accepts what HAProxy and rsyslog write. */
function readIsoTime(at: usize): usize {
  const a = load<u64>(at);
  const b = load<u16>(at, 8) as u32;
  if (a != lastDayA || b != lastDayB) {
    const year = twoDigits(at) * 100 + twoDigits(at + 2);
    const month = twoDigits(at + 5);
    const day = twoDigits(at + 8);
    if (year < 1970 || load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d) return 0;
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return 0;
    lastDayA = a;
    lastDayB = b;
    lastDayMs = (daysFromCivil(year, month, day) as f64) * 86400000;
  }
  if (load<u8>(at, 10) != 0x54 || load<u8>(at, 13) != 0x3a || load<u8>(at, 16) != 0x3a) return 0;
  const hour = twoDigits(at + 11);
  const minute = twoDigits(at + 14);
  const second = twoDigits(at + 17);
  if ((hour as u32) > 23 || (minute as u32) > 59 || (second as u32) > 59) return 0;
  let p = at + 19;
  let ms = 0;
  if (load<u8>(p) == 0x2e) {
    let digits = 0;
    let scale = 100;
    for (p++; digits < 9 && (digit(p) as u32) <= 9; p++, digits++) {
      ms += digit(p) * scale;
      scale /= 10; // 0 after the third digit: the rest is cut off
    }
    if (digits == 0) return 0;
  }
  let offsetMinutes = 0;
  const zone = load<u8>(p);
  if (zone == 0x5a) p++;
  else if (zone == 0x2b || zone == 0x2d) {
    const zoneHour = twoDigits(p + 1);
    const zoneMinute = twoDigits(p + 4);
    if (load<u8>(p, 3) != 0x3a || (zoneHour as u32) > 23 || (zoneMinute as u32) > 59) return 0;
    offsetMinutes = zoneHour * 60 + zoneMinute;
    if (zone == 0x2d) offsetMinutes = -offsetMinutes;
    p += 6;
  } else return 0;
  isoTime = lastDayMs + ((((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + ms) as f64);
  return p;
}

// ── one SPOE line ───────────────────────────────────────────────────────────────────────────────────────────

let cursor: usize = 0;

/** An unsigned decimal of at most 9 digits at the cursor, or -1; moves the cursor behind it. */
// @ts-ignore: decorator
@inline
function readNumber(): i32 {
  let p = cursor;
  let value = digit(p);
  if ((value as u32) > 9) return -1;
  const limit = p + 9;
  for (p++; p < limit; p++) {
    const d = digit(p);
    if ((d as u32) > 9) break;
    value = value * 10 + d;
  }
  if ((digit(p) as u32) <= 9) return -1; // longer: the plain path knows the bounds
  cursor = p;
  return value;
}

/** -1 or an unsigned decimal of at most 9 digits; -2 when it is neither. */
// @ts-ignore: decorator
@inline
function readTimer(): i32 {
  if (load<u8>(cursor) != 0x2d) {
    const value = readNumber();
    return value < 0 ? -2 : value;
  }
  if (load<u8>(cursor, 1) != 0x31 || (digit(cursor + 2) as u32) <= 9) return -2;
  cursor += 2;
  return -1;
}

// @ts-ignore: decorator
@inline
function skip(byte: u8): bool {
  if (load<u8>(cursor) != byte) return false;
  cursor++;
  return true;
}

/** `nb_error/nb_processed` and the end of the line. */
// @ts-ignore: decorator
@inline
function readCounters(row: usize, end: usize, flags: i32): bool {
  const errors = readNumber();
  if (errors < 0 || !skip(0x2f)) return false;
  let p = cursor;
  let processed: i64 = 0;
  const first = p;
  for (; p < first + 15; p++) {
    const d = digit(p);
    if ((d as u32) > 9) break;
    processed = processed * 10 + d;
  }
  if (p == first) return false;
  if (load<u8>(p) == 0x0d) p++;
  if (p != end) return false;
  store<i32>(row, flags, AT_FLAGS);
  store<f64>(row, errors as f64, AT_ERRORS);
  store<f64>(row, processed as f64, AT_PROCESSED);
  return true;
}

/** The fields after `sid=` into the row; false when anything is not exactly as HAProxy writes it. */
function readFields(row: usize, end: usize, flags: i32): bool {
  if (readNumber() < 0) return false; // sid: checked, not needed for a summary
  if (load<u32>(cursor) != 0x3d747320) return false; // " st="
  cursor += 4;
  const status = readNumber();
  if (status < 0 || !skip(0x20)) return false;
  store<i32>(row, status, AT_STATUS);
  const first = readTimer();
  if (first == -2) return false;
  if (skip(0x20)) {
    // HAProxy >= 3.1: pT only
    store<i32>(row, first, AT_TOTAL);
    return readCounters(row, end, flags);
  }
  if (!skip(0x2f)) return false;
  const queue = readTimer();
  if (queue == -2 || !skip(0x2f)) return false;
  const wait = readTimer();
  if (wait == -2 || !skip(0x2f)) return false;
  const response = readTimer();
  if (response == -2 || !skip(0x2f)) return false;
  const total = readTimer();
  if (total == -2 || !skip(0x20)) return false;
  store<i32>(row, first, AT_REQ);
  store<i32>(row, queue, AT_QUEUE);
  store<i32>(row, wait, AT_WAIT);
  store<i32>(row, response, AT_RES);
  store<i32>(row, total, AT_TOTAL);
  const idles = readNumber();
  if (idles < 0 || !skip(0x2f)) return false;
  const applets = readNumber();
  if (applets < 0 || !skip(0x20)) return false;
  const sending = readNumber();
  if (sending < 0 || !skip(0x2f)) return false;
  const waiting = readNumber();
  if (waiting < 0 || !skip(0x20)) return false;
  store<i32>(row, idles, AT_IDLES);
  store<i32>(row, applets, AT_APPLETS);
  store<i32>(row, sending, AT_SENDING);
  store<i32>(row, waiting, AT_WAITING);
  return readCounters(row, end, flags | FLAG_PHASES);
}

/** One line with the marker at `marker`; returns the number of rows written (0 or 1). */
function readLine(start: usize, marker: usize, end: usize, row: usize): i32 {
  let shape = 0;
  let p = start;
  if (load<u8>(p) == 0x3c) {
    // <PRI>, 0–191 without leading zeros; a summary does not need the severity
    let priority = 0;
    const first = ++p;
    while (p < first + 3 && (digit(p) as u32) <= 9) priority = priority * 10 + digit(p++);
    const padded = p > first + 1 && load<u8>(first) == 0x30;
    if (p == first || padded || priority > 191 || load<u8>(p) != 0x3e) return plainLine(start as i32, end as i32, row as i32, 0, 0, 0);
    p++;
    shape = SHAPE_PRI;
    if (load<u16>(p) == 0x2031) {
      p += 2;
      shape = SHAPE_PRI | SHAPE_RFC5424;
    }
  }
  let flags = 0;
  let time: f64 = 0;
  const c = load<u8>(p);
  if ((digit(p) as u32) <= 9) {
    const after = readIsoTime(p);
    if (after && load<u8>(after) == 0x20) {
      p = after;
      time = isoTime;
      shape |= SHAPE_ISO_TIME;
      flags = FLAG_TIME;
    }
  } else if (c >= 0x41 && c <= 0x53) {
    const a = load<u64>(p);
    const b = load<u64>(p, 8);
    if (a == lastLocalA && b == lastLocalB) {
      time = lastLocalTime;
      p += 15;
      shape |= SHAPE_LOCAL_TIME;
      flags = FLAG_TIME;
    } else if (load<u8>(p, 15) == 0x20) {
      const packed = packLocalTime(p);
      if (packed >= 0) {
        time = resolveLocalTime(packed);
        lastLocalA = a;
        lastLocalB = b;
        lastLocalTime = time;
        p += 15;
        shape |= SHAPE_LOCAL_TIME;
        flags = FLAG_TIME;
      }
    }
  }
  if (p > marker) return plainLine(start as i32, end as i32, row as i32, 0, 0, 0);
  const origin = findOrigin(p, (marker - p) as i32, shape);
  if (origin) {
    let key = lastKey;
    const keyLength = key ? (load<i32>(key) as usize) : 0;
    if (!key || marker + keyLength > end || !sameBytes(key + 16, marker, keyLength)) key = findKey(marker, end);
    if (key) {
      cursor = marker + (load<i32>(key) as usize);
      if (readFields(row, end, flags)) {
        store<i32>(row, load<i32>(key, 8), AT_KEY);
        store<i32>(row, load<i32>(origin, 8), AT_ORIGIN);
        store<i32>(row, 1, AT_REPEAT);
        store<f64>(row, time, AT_TIME);
        if (flags & FLAG_TIME) {
          previousTime = time;
          if (shape & SHAPE_ISO_TIME) lastLocalA = 0; // the same RFC 3164 text may mean another year now
        }
        return 1;
      }
    }
  }
  return plainLine(start as i32, end as i32, row as i32, p as i32, marker as i32, shape);
}

/** Where the line that holds `at` ends (its newline). The caller guarantees that there is one before `limit`. */
// @ts-ignore: decorator
@inline
function lineEnd(at: usize, limit: usize): usize {
  const newline = i8x16.splat(NEWLINE);
  for (let p = at; p < limit; p += 16) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(p), newline));
    if (mask) return p + (ctz(mask) as usize);
  }
  return limit;
}

let lineStart: usize = 0;
let newlines: i32 = 0;

/** The next `SPOE:` or NUL from `from` on, or 0 when there is none before `limit`; keeps lineStart and newlines. */
function nextCandidate(from: usize, limit: usize): usize {
  const newline = i8x16.splat(NEWLINE);
  const letter = i8x16.splat(0x53);
  const zero = i8x16.splat(0);
  for (let p = from; p < limit; p += 16) {
    const bytes = v128.load(p);
    const special = v128.or(v128.or(i8x16.eq(bytes, newline), i8x16.eq(bytes, letter)), i8x16.eq(bytes, zero));
    for (let mask = i8x16.bitmask(special); mask; mask &= mask - 1) {
      const at = p + (ctz(mask) as usize);
      if (at >= limit) return 0;
      const byte = load<u8>(at);
      if (byte == NEWLINE) {
        newlines++;
        if (at - lineStart > MAX_LINE) overlong++;
        lineStart = at + 1;
      } else if (byte == 0 || (load<u32>(at) == MARKER && load<u8>(at, 4) == 0x3a)) {
        return at;
      }
    }
  }
  return 0;
}

/**
 * Scans whole lines: [start, end) ends with a newline. Returns the number of rows written; stops early when the row
 * area is full. `position` says how far it got, always at the start of a line.
 */
export function scan(start: i32, end: i32): i32 {
  const limit = end as usize;
  let rows = 0;
  newlines = 0;
  lineStart = start as usize;
  while (rows < MAX_ROWS && lineStart < limit) {
    const at = nextCandidate(lineStart, limit);
    if (!at) break;
    // A marker, or a NUL hole that may hide one: this line is looked at.
    const stop = lineEnd(at, limit);
    const row = ROWS + (rows as usize) * ROW_BYTES;
    if (load<u8>(at) == 0 || stop - lineStart > MAX_LINE) rows += plainLine(lineStart as i32, stop as i32, row as i32, 0, 0, 0);
    else rows += readLine(lineStart, at, stop, row);
    newlines++;
    lineStart = stop + 1;
  }
  lines += newlines;
  position = (lineStart as i32) - start;
  return rows;
}
