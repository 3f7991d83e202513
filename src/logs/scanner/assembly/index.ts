// The fast path, in AssemblyScript: finds SPOE lines in a block of bytes and writes what they say as rows.
//
// It only ever accepts what it understands completely: a header it was taught (origins), an event name it was
// taught (keys), fields in HAProxy's exact shape up to the end of the line. Everything else goes to the plain
// path through `plainLine`, in order, so that both paths always agree (test/logs/scanner/fast-scanner.test.ts).
//
// Why WebAssembly: 16 bytes a step with SIMD where JavaScript takes one (docs/PERFORMANCE.md has the ratio).

// Row layout, shared with ../../row.ts: 32-bit words, then 64-bit floats from byte 64 on.
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
const AT_SID: usize = 56;
const AT_STAMP: usize = 60;
const AT_TIME: usize = 64;
const AT_PROCESSED: usize = 72;
const AT_ERRORS: usize = 80;
const AT_LINE: usize = 92;

const NO_TIME: f64 = -Infinity;

// Cell layout, shared with ../cells.ts: 64-bit floats.
const CELL_VALUES: u32 = 512;
const HISTOGRAM_BYTES: usize = (CELL_VALUES as usize) * 8;
const AT_TAIL: usize = 5 * HISTOGRAM_BYTES;
const TAIL_BYTES: usize = 5 * 8;
const AT_GAUGES: usize = AT_TAIL + (CELL_VALUES as usize) * TAIL_BYTES;
const CELL_BYTES: usize = AT_GAUGES + 4 * 8;
const MAX_CELLS: i32 = 16;

// Sums of usual rows, shared with ../usual-rows.ts: 64-bit floats. Routes are in a table by a hash of their origin and key.
const MAX_SUMS: i32 = 64; // routes, sources and streams
const ROUTE_PLACES: usize = 256;
const ROUTE_BYTES: usize = 24; // origin + 1, key, and where the sums of the route, the source and the stream are
const ROUTE_SUM_BYTES: usize = 2 * 8;
const SOURCE_SUM_BYTES: usize = 10 * 8;
const STREAM_SUM_BYTES: usize = 6 * 8;

// ── memory map ──────────────────────────────────────────────────────────────────────────────────────────────

const MAX_TEXT: usize = 128; // longest origin or key text that can be taught
const MAX_ORIGINS: i32 = 512;
const MAX_KEYS: i32 = 64;
const MAX_ROWS: i32 = 2048; // taking rows costs as much as some dozen of them; so many stay in the second cache until they are counted
const MAX_RECORDS: i32 = 2048; // rows of one line, JSON of several records: 64 KiB hold fewer events of 36 bytes
const MAX_LINE: usize = 65536;
const INPUT_BYTES: usize = 4 * 1024 * 1024;

// Comparisons read up to 15 bytes past a text: every area ends with that much slack.
const SLACK: usize = 64;
const ENTRY_BYTES: usize = MAX_TEXT + 16; // length, shape, id, cell, then the text
const FOUND: usize = 1024; // places of origins that were found, by a hash of 10 bits
const ORIGINS: usize = FOUND + 1024 * 4;
const KEYS: usize = ORIGINS + (MAX_ORIGINS as usize) * ENTRY_BYTES + SLACK;
const MAX_TEMPLATES: i32 = 64;
const TEMPLATE_BYTES: usize = 4096; // shape, origin, whether it has a time, and the parts
const TEMPLATES: usize = KEYS + (MAX_KEYS as usize) * ENTRY_BYTES + SLACK;
const ROWS: usize = (TEMPLATES + (MAX_TEMPLATES as usize) * TEMPLATE_BYTES + SLACK + 63) & ~63;
const CELLS: usize = ROWS + ((MAX_ROWS + MAX_RECORDS) as usize) * ROW_BYTES;
const SUMS: usize = CELLS + (MAX_CELLS as usize) * CELL_BYTES;
const ROUTE_SUMS: usize = SUMS + ROUTE_PLACES * ROUTE_BYTES;
const SOURCE_SUMS: usize = ROUTE_SUMS + (MAX_SUMS as usize) * ROUTE_SUM_BYTES;
const STREAM_SUMS: usize = SOURCE_SUMS + (MAX_SUMS as usize) * SOURCE_SUM_BYTES;
const OTHERS: usize = STREAM_SUMS + (MAX_SUMS as usize) * STREAM_SUM_BYTES; // two numbers, then a place for each row
const INPUT: usize = OTHERS + ((MAX_ROWS + MAX_RECORDS + 2) as usize) * 4 + SLACK;

// The table of seen events: pages, what they are of, the heads of their chains, the pages used last, the tracks
// of origins and keys, and the lives of tracks.
const MAX_PAGES: i32 = 1 << 18;
const PAGE_BYTES: usize = 64;
const OWNER_BYTES: usize = 16;
const HEADS_COUNT: i32 = 1 << 18;
const RECENT_COUNT: i32 = 64;
const RECENT_BYTES: usize = 32;
const TRACK_SLOTS: i32 = 1 << 13;
const TRACK_BYTES: usize = 16;
const MAX_TRACKS: i32 = 1 << 16;
const LIFE_BYTES: usize = 16;
const PAGES: usize = (INPUT + INPUT_BYTES + SLACK + 63) & ~63;
const OWNERS: usize = PAGES + (MAX_PAGES as usize) * PAGE_BYTES;
const HEADS: usize = OWNERS + (MAX_PAGES as usize) * OWNER_BYTES;
const RECENT: usize = HEADS + (HEADS_COUNT as usize) * 4;
const TRACKS: usize = RECENT + (RECENT_COUNT as usize) * RECENT_BYTES;
const LIVES: usize = TRACKS + (TRACK_SLOTS as usize) * TRACK_BYTES;
const END: usize = LIVES + (MAX_TRACKS as usize) * LIFE_BYTES;

const FLAG_PHASES: i32 = 1;
const FLAG_COUNTED: i32 = 2;

// What stands before the origin text; a taught origin is valid for exactly one of these shapes.
const SHAPE_PRI: i32 = 1;
const SHAPE_RFC5424: i32 = 2;
const SHAPE_LOCAL_TIME: i32 = 4;
const SHAPE_ISO_TIME: i32 = 8;

const MARKER: u32 = 0x454f5053; // "SPOE", little endian
const NEWLINE: u8 = 0x0a;

export const inputStart: i32 = INPUT as i32;
export const inputBytes: i32 = INPUT_BYTES as i32;
export const rowsStart: i32 = ROWS as i32;
export const maxText: i32 = MAX_TEXT as i32;
export const cellsStart: i32 = CELLS as i32;
export const cellBytes: i32 = CELL_BYTES as i32;
export const maxCells: i32 = MAX_CELLS;
export const sumsStart: i32 = ROUTE_SUMS as i32;
export const othersStart: i32 = OTHERS as i32;
export const maxSums: i32 = MAX_SUMS;
export const templateBytes: i32 = TEMPLATE_BYTES as i32;

// ── talking to JavaScript ───────────────────────────────────────────────────────────────────────────────────

/** Turns a time without year and zone (packed month, day, hour, minute, second) into epoch ms. */
declare function resolveLocalTime(packed: i32): f64;
/**
 * Handles [start, end) the plain way. May write rows from `row` on, MAX_RECORDS at most, and returns how many it wrote. When the header was
 * understood up to the marker, `originStart`, `markerStart` and `shape` say what may be taught; else markerStart is 0.
 */
declare function plainLine(start: i32, end: i32, row: i32, originStart: i32, markerStart: i32, shape: i32): i32;

/** Bytes the last scan() got through, counted from its start. */
export let position: i32 = 0;
/** Newlines seen by scan() so far; JavaScript reads and resets it. */
export let lines: i32 = 0;
/** Lines since the last row that scan() wrote; the plain path may have written it. */
export let trailing: i32 = 0;
/** Lines without a marker that are longer than the bound; JavaScript reads and resets it. */
export let overlong: i32 = 0;
/** The epoch ms of the previous SPOE line that had a time: RFC 3164 years are chosen nearest to it. NaN at first. */
export let previousTime: f64 = NaN;

let originCount: i32 = 0;
let keyCount: i32 = 0;
let lastKey: usize = 0;
let templateCount: i32 = 0;
let lastTemplate: usize = 0;

let lastLocalA: u64 = 0; // the 15 bytes of the last RFC 3164 time and the space after it
let lastLocalB: u64 = 0;
/** The last RFC 3164 time that was asked for, and whether a row has it since then; JavaScript reads and resets that. */
export let lastLocalTime: f64 = 0;
export let lastLocalPacked: i32 = 0;
export let isLocalTaken: bool = false;
let wasLocalTaken: bool = false; // JavaScript has one of these times of this input already

let lastDayA: u64 = 0; // the 10 bytes of the last ISO date
let lastDayB: u32 = 0;
let lastDayMs: f64 = 0;

/** Ensures the memory holds all areas. Called once. */
export function initialize(): void {
  const pages = ((END + 65535) >>> 16) as i32;
  if (memory.size() < pages) memory.grow(pages - memory.size());
  // Another scanner may have had this memory: its origins and keys have other numbers.
  memory.fill(SUMS, 0, INPUT - SUMS);
}

/** Teaches the text before the marker (after PRI, version and time) and what it stands for. */
export function teachOrigin(start: i32, end: i32, shape: i32, id: i32): void {
  const length = end - start;
  if (length > (MAX_TEXT as i32) || originCount >= MAX_ORIGINS) return;
  writeEntry(ORIGINS + (originCount as usize) * ENTRY_BYTES, start, length, shape, id);
  originCount++;
}

/** Teaches `SPOE: [agent] <EVENT:name> sid=` and what it stands for. */
export function teachKey(start: i32, end: i32, id: i32): void {
  const length = end - start;
  if (length > (MAX_TEXT as i32) || keyCount >= MAX_KEYS) return;
  writeEntry(KEYS + (keyCount as usize) * ENTRY_BYTES, start, length, 0, id);
  keyCount++;
}

/** Where the next template of JSON is to be written; 0 when there is no room for one more. */
export function nextTemplate(): i32 {
  return templateCount < MAX_TEMPLATES ? ((TEMPLATES + (templateCount as usize) * TEMPLATE_BYTES) as i32) : 0;
}

/** Teaches the template that was written there. */
export function teachTemplate(): void {
  templateCount++;
}

/**
 * Where the text begins that may be taught as the origin of the line at `at`, which is in a text of JSON; `shape` is that of
 * what stands before. 0 for a priority that is none.
 */
export function originInJson(at: i32): i32 {
  headerShape = 0;
  const p = load<u8>(at as usize) == 0x3c ? skipPriority(at as usize) : (at as usize);
  if (!p) return 0;
  const origin = skipTime(p) as i32;
  shape = headerShape;
  return origin;
}

export let shape: i32 = 0;

/** Counts the lines of a taught key in cell `cell`. */
export function bindKey(id: i32, cell: i32): void {
  for (let i = 0, entry = KEYS; i < keyCount; i++, entry += ENTRY_BYTES) {
    if (load<i32>(entry, 8) == id) store<i32>(entry, (CELLS as i32) + cell * (CELL_BYTES as i32), 12);
  }
}

/** Sets the previous time after a line that was handled the plain way, or for another file. */
export function setPreviousTime(time: f64): void {
  if (time != previousTime) {
    previousTime = time;
    lastLocalA = 0; // the same RFC 3164 text may mean another year now
    wasLocalTaken = false;
  }
}

export function forgetTaken(): void {
  isLocalTaken = false;
  wasLocalTaken = true;
}

/** Lets JavaScript reset the counters it has taken over. */
export function resetCounters(): void {
  lines = 0;
  overlong = 0;
}

function writeEntry(entry: usize, start: i32, length: i32, shape: i32, id: i32): void {
  store<i32>(entry, length);
  store<i32>(entry, shape, 4);
  store<i32>(entry, id, 8);
  store<i32>(entry, 0, 12);
  memory.copy(entry + 16, start as usize, length as usize);
}

/** Compares 16 bytes a step; the last step overlaps the one before, so no byte is looked at alone. */
// @ts-ignore: decorator
@inline
function sameBytes(a: usize, b: usize, length: usize): bool {
  if (length < 16) {
    const wanted = (1 << (length as i32)) - 1;
    return (i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b))) & wanted) == wanted;
  }
  const last = length - 16;
  for (let i: usize = 0; i < last; i += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(a + i), v128.load(b + i)))) return false;
  }
  return i8x16.all_true(i8x16.eq(v128.load(a + last), v128.load(b + last)));
}

function findOrigin(start: usize, length: i32, shape: i32): usize {
  const place = originPlace(start, length);
  const known = load<i32>(place) as usize;
  // Another scanner may have had this memory: of its origins, which have other numbers, the places may still tell.
  if (known - ORIGINS < (originCount as usize) * ENTRY_BYTES && matchesEntry(known, start, length, shape)) return known;
  for (let i = 0, entry = ORIGINS; i < originCount; i++, entry += ENTRY_BYTES) {
    if (matchesEntry(entry, start, length, shape)) {
      store<i32>(place, entry as i32);
      return entry;
    }
  }
  return 0;
}

/** Where the origin of such a text was found last: lines of several hosts alternate. Names differ near their end, and so do pids. */
// @ts-ignore: decorator
@inline
function originPlace(start: usize, length: i32): usize {
  const end = start + (length as usize);
  const hash = (load<u64>(start) ^ (load<u64>(start, 8) * 0x9e3779b97f4a7c15) ^ load<u64>(end - 8)) * 0xc2b2ae3d27d4eb4f;
  return FOUND + (((hash >>> 54) as usize) << 2);
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

/** The last millisecond of the year 9999. */
const LATEST_MS: f64 = 253402300799999;
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
  return isoTime < 0 || isoTime > LATEST_MS ? 0 : p;
}

// ── one SPOE line ───────────────────────────────────────────────────────────────────────────────────────────

// A number read, with the place behind its separator: the place in the upper 32 bits, the value in the lower; 0 when
// there is no such number. One word instead of a result and a global cursor: globals are memory, words are registers.

// @ts-ignore: decorator
@inline
function found(value: u32, behind: usize): u64 {
  return ((behind as u64) << 32) | (value as u64);
}

// @ts-ignore: decorator
@inline
function behind(number: u64): usize {
  return (number >>> 32) as usize;
}

/** An unsigned decimal of at most 9 digits and the separator behind it. Longer ones: the plain path knows the bounds. */
// @ts-ignore: decorator
@inline
function readNumber(at: usize, separator: u8): u64 {
  let value = digit(at) as u32;
  if (value > 9) return 0;
  let p = at + 1;
  const limit = at + 9;
  let next = digit(p) as u32;
  while (next <= 9) {
    if (p == limit) return 0;
    value = value * 10 + next;
    next = digit(++p) as u32;
  }
  return load<u8>(p) == separator ? found(value, p + 1) : 0;
}

/** The same for a timer, which may be -1. */
// @ts-ignore: decorator
@inline
function readTimer(at: usize, separator: u8): u64 {
  if (load<u8>(at) != 0x2d) return readNumber(at, separator);
  return load<u8>(at, 1) == 0x31 && load<u8>(at, 2) == separator ? found(0xffffffff, at + 3) : 0;
}

const SLASH: u8 = 0x2f;
const SPACE: u8 = 0x20;

/** Skips what may follow the last field: spaces, CR, and line ends that rsyslog has escaped (#012, #015). */
function skipTail(at: usize): usize {
  let p = at;
  for (let step: usize = tailStep(p); step; step = tailStep(p)) p += step;
  return p;
}

function tailStep(at: usize): usize {
  const word = load<u32>(at);
  if (word == 0x32313023 || word == 0x35313023) return 4;
  return (word & 0xff) == (SPACE as u32) || (word & 0xff) == 0x0d ? 1 : 0;
}

/** `nb_error/nb_processed` and the end of the line: its newline, in JSON the quote behind it, or 0. */
// @ts-ignore: decorator
@inline
function readCounters(row: usize, at: usize, flags: i32, inJson: bool): usize {
  const errors = readNumber(at, SLASH);
  if (!errors) return 0;
  const first = behind(errors);
  let p = first;
  let processed: i64 = 0;
  for (let next = digit(p) as u32; next <= 9; next = digit(++p) as u32) processed = processed * 10 + next;
  if (p == first || p > first + 15) return 0;
  if (inJson) {
    p = skipTailInJson(p);
    if (load<u8>(p) != QUOTE) return 0;
  } else if (load<u8>(p) != NEWLINE) {
    p = skipTail(p);
    if (load<u8>(p) != NEWLINE) return 0;
  }
  store<i32>(row, flags, AT_FLAGS);
  store<f64>(row, (errors & 0xffffffff) as f64, AT_ERRORS);
  store<f64>(row, processed as f64, AT_PROCESSED);
  return p;
}

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;
const ESCAPED_NEWLINE: u32 = 0x6e5c;
const ESCAPED_RETURN: u32 = 0x725c;

/** The same in a text of JSON, where line ends are escaped, and stand behind all else. */
function skipTailInJson(at: usize): usize {
  let p = at;
  while (load<u8>(p) == SPACE || load<u32>(p) == 0x32313023 || load<u32>(p) == 0x35313023) p += load<u8>(p) == SPACE ? 1 : 4;
  while ((load<u16>(p) as u32) == ESCAPED_NEWLINE || (load<u16>(p) as u32) == ESCAPED_RETURN) p += 2;
  return p;
}

// Most lines have short numbers and nothing unusual. How many digits each has cannot be predicted, and a branch that was
// guessed wrong costs more than its number: so all digits of 64 bytes are found at once, and no branch depends on one number.

/** " st=", little endian. */
const STATUS_NAME: u32 = 0x3d747320;

/** A bit for each of the 64 bytes from `at` on that is no decimal digit. */
// @ts-ignore: decorator
@inline
function otherThanDigits(at: usize): u64 {
  return bits(
    otherThanDigit(v128.load(at)),
    otherThanDigit(v128.load(at, 16)),
    otherThanDigit(v128.load(at, 32)),
    otherThanDigit(v128.load(at, 48)),
  );
}

// @ts-ignore: decorator
@inline
function otherThanDigit(bytes: v128): v128 {
  return i8x16.gt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9));
}

/** The value of 1 to 4 decimal digits in [start, end); of anything else it has no meaning. */
// @ts-ignore: decorator
@inline
function shortNumber(start: usize, end: usize): u32 {
  // The digits go to the upper bytes, zeros before them; then two of them become one, and two of these.
  const digits = (load<u32>(start) ^ 0x30303030) << (((start - end) as u32) << 3);
  return (((digits * 10 + (digits >>> 8)) & 0x00ff00ff) * 0x00640001) >>> 16;
}

/** The same for 1 to 8 of them. */
// @ts-ignore: decorator
@inline
function longNumber(start: usize, end: usize): u32 {
  const digits = (load<u64>(start) ^ 0x3030303030303030) << (((start - end) as u64) << 3);
  const pairs = digits * 10 + (digits >>> 8);
  const low = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const high = ((pairs >>> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return ((low + high) >>> 32) as u32;
}

/**
 * As readFields, for lines that end within 64 bytes, with nothing behind the last number, and whose numbers have up to 4 digits,
 * the sid and nb_error 8 and nb_processed 15. 0 for others, which may be right all the same.
 */
// @ts-ignore: decorator
@inline
function readUsualFields(row: usize, at: usize, last: u32): usize {
  const all = otherThanDigits(at);
  const sidLength = ctz(all) as usize;
  const sidEnd = at + sidLength;
  if (sidLength - 1 > 7 || load<u32>(sidEnd) != STATUS_NAME) return 0;
  // From here on numbers have one byte between them: a bit is the end of one.
  const first = sidEnd + 4;
  const ends = all >>> ((sidLength + 4) as u64);
  let rest = ends;
  const statusEnd = first + (ctz(rest) as usize);
  rest &= rest - 1;
  const firstEnd = first + (ctz(rest) as usize);
  rest &= rest - 1;
  let wrong: u32 = (load<u8>(statusEnd) as u32) ^ 0x20;
  let flags = 0;
  let before = firstEnd; // the end of the number before nb_error
  const firstTimer = shortNumber(statusEnd + 1, firstEnd);
  if (load<u8>(firstEnd) == SLASH) {
    flags = FLAG_PHASES;
    const queueEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    const waitEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    const responseEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    const totalEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    const idlesEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    const appletsEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    const sendingEnd = first + (ctz(rest) as usize);
    rest &= rest - 1;
    before = first + (ctz(rest) as usize);
    rest &= rest - 1;
    wrong |= (load<u8>(queueEnd) as u32) ^ 0x2f;
    wrong |= (load<u8>(waitEnd) as u32) ^ 0x2f;
    wrong |= (load<u8>(responseEnd) as u32) ^ 0x2f;
    wrong |= (load<u8>(totalEnd) as u32) ^ 0x20;
    wrong |= (load<u8>(idlesEnd) as u32) ^ 0x2f;
    wrong |= (load<u8>(appletsEnd) as u32) ^ 0x20;
    wrong |= (load<u8>(sendingEnd) as u32) ^ 0x2f;
    wrong |= (load<u8>(before) as u32) ^ 0x20;
    store<i32>(row, firstTimer, AT_REQ);
    store<i32>(row, shortNumber(firstEnd + 1, queueEnd), AT_QUEUE);
    store<i32>(row, shortNumber(queueEnd + 1, waitEnd), AT_WAIT);
    store<i32>(row, shortNumber(waitEnd + 1, responseEnd), AT_RES);
    store<i32>(row, shortNumber(responseEnd + 1, totalEnd), AT_TOTAL);
    store<i32>(row, shortNumber(totalEnd + 1, idlesEnd), AT_IDLES);
    store<i32>(row, shortNumber(idlesEnd + 1, appletsEnd), AT_APPLETS);
    store<i32>(row, shortNumber(appletsEnd + 1, sendingEnd), AT_SENDING);
    store<i32>(row, shortNumber(sendingEnd + 1, before), AT_WAITING);
  } else {
    // HAProxy >= 3.1: pT only
    wrong |= (load<u8>(firstEnd) as u32) ^ 0x20;
    store<i32>(row, firstTimer, AT_TOTAL);
  }
  const errorsLength = ctz(rest) as usize;
  const errorsEnd = first + errorsLength;
  rest &= rest - 1;
  const length = ctz(rest) as usize;
  const end = first + length;
  const beforeLength = before - first;
  const digits = length - errorsLength - 1;
  wrong |= (load<u8>(errorsEnd) as u32) ^ 0x2f;
  wrong |= (load<u8>(end) as u32) ^ last;
  // Nothing is left of the bits when the line is longer than they are.
  if (wrong || !rest || digits > 15 || errorsLength - beforeLength > 9) return 0;
  // An empty number is two ends side by side, or one at the very beginning.
  if (ends & ((ends >>> 1) | 1) & ((<u64>1 << (length as u64)) - 1)) return 0;
  const two = ~ends & (~ends >>> 1);
  const four = two & (two >>> 2);
  if (four & (~ends >>> 4) & ((<u64>1 << (beforeLength as u64)) - 1)) return 0;
  let processed: u64 = 0;
  if (digits <= 8) processed = longNumber(errorsEnd + 1, end) as u64;
  else processed = (longNumber(errorsEnd + 1, end - 8) as u64) * 100000000 + (longNumber(end - 8, end) as u64);
  store<i32>(row, longNumber(at, sidEnd), AT_SID);
  store<i32>(row, shortNumber(first, statusEnd), AT_STATUS);
  store<i32>(row, flags, AT_FLAGS);
  store<f64>(row, longNumber(before + 1, errorsEnd) as f64, AT_ERRORS);
  store<f64>(row, (processed as i64) as f64, AT_PROCESSED);
  return end;
}

/** The fields after `sid=` into the row, and where they end; 0 when anything is not exactly as HAProxy writes it. */
// @ts-ignore: decorator
@inline
function readFields(row: usize, at: usize, inJson: bool): usize {
  const usual = readUsualFields(row, at, inJson ? 0x22 : 0x0a);
  return usual ? usual : readUnusualFields(row, at, inJson);
}

function readUnusualFields(row: usize, at: usize, inJson: bool): usize {
  const sid = readNumber(at, SPACE);
  if (!sid || load<u32>(behind(sid) - 1) != STATUS_NAME) return 0;
  const status = readNumber(behind(sid) + 3, SPACE);
  if (!status) return 0;
  store<i32>(row, sid as i32, AT_SID);
  store<i32>(row, status as i32, AT_STATUS);
  const encode = readTimer(behind(status), SLASH);
  if (!encode) {
    // HAProxy >= 3.1: pT only
    const only = readTimer(behind(status), SPACE);
    if (!only) return 0;
    store<i32>(row, only as i32, AT_TOTAL);
    return readCounters(row, behind(only), 0, inJson);
  }
  const queue = readTimer(behind(encode), SLASH);
  if (!queue) return 0;
  const wait = readTimer(behind(queue), SLASH);
  if (!wait) return 0;
  const response = readTimer(behind(wait), SLASH);
  if (!response) return 0;
  const total = readTimer(behind(response), SPACE);
  if (!total) return 0;
  store<i32>(row, encode as i32, AT_REQ);
  store<i32>(row, queue as i32, AT_QUEUE);
  store<i32>(row, wait as i32, AT_WAIT);
  store<i32>(row, response as i32, AT_RES);
  store<i32>(row, total as i32, AT_TOTAL);
  const idles = readNumber(behind(total), SLASH);
  if (!idles) return 0;
  const applets = readNumber(behind(idles), SPACE);
  if (!applets) return 0;
  const sending = readNumber(behind(applets), SLASH);
  if (!sending) return 0;
  const waiting = readNumber(behind(sending), SPACE);
  if (!waiting) return 0;
  store<i32>(row, idles as i32, AT_IDLES);
  store<i32>(row, applets as i32, AT_APPLETS);
  store<i32>(row, sending as i32, AT_SENDING);
  store<i32>(row, waiting as i32, AT_WAITING);
  return readCounters(row, behind(waiting), FLAG_PHASES, inJson);
}

// @ts-ignore: decorator
@inline
function increment(at: usize, by: f64): void {
  store<f64>(at, load<f64>(at) + by);
}

/** Counts timers and gauges of a row, if all its timers are in the cell's range. */
// @ts-ignore: decorator
@inline
function countInCell(cell: usize, row: usize): void {
  const flags = load<i32>(row, AT_FLAGS);
  const total = load<u32>(row, AT_TOTAL);
  if (flags & FLAG_PHASES) {
    const encode = load<u32>(row, AT_REQ);
    const queue = load<u32>(row, AT_QUEUE);
    const wait = load<u32>(row, AT_WAIT);
    const response = load<u32>(row, AT_RES);
    if ((encode | queue | wait | response | total) >= CELL_VALUES) return;
    increment(cell + ((encode as usize) << 3), 1);
    increment(cell + HISTOGRAM_BYTES + ((queue as usize) << 3), 1);
    increment(cell + 2 * HISTOGRAM_BYTES + ((wait as usize) << 3), 1);
    increment(cell + 3 * HISTOGRAM_BYTES + ((response as usize) << 3), 1);
    const tail = cell + AT_TAIL + (total as usize) * TAIL_BYTES;
    increment(tail, 1);
    // Whether one is 0 cannot be predicted: adding it costs less than asking.
    increment(tail + 8, encode as f64);
    increment(tail + 16, queue as f64);
    increment(tail + 24, wait as f64);
    increment(tail + 32, response as f64);
    const gauges = cell + AT_GAUGES;
    const idles = load<u32>(row, AT_IDLES) as f64;
    const applets = load<u32>(row, AT_APPLETS) as f64;
    const sending = load<u32>(row, AT_SENDING) as f64;
    const waiting = load<u32>(row, AT_WAITING) as f64;
    // Rarely one of these: min and max of floats are slower, because of NaN.
    if (idles < load<f64>(gauges)) store<f64>(gauges, idles);
    if (applets > load<f64>(gauges + 8)) store<f64>(gauges + 8, applets);
    if (sending > load<f64>(gauges + 16)) store<f64>(gauges + 16, sending);
    if (waiting > load<f64>(gauges + 24)) store<f64>(gauges + 24, waiting);
  } else if (total >= CELL_VALUES) return;
  increment(cell + 4 * HISTOGRAM_BYTES + ((total as usize) << 3), 1);
  store<i32>(row, flags | FLAG_COUNTED, AT_FLAGS);
}

// ── usual rows ──────────────────────────────────────────────────────────────────────────────────────────────

// Most rows are of successes, many of the same moment, and a cell has their timers already. What they still add is numbers of
// events and the range of their counters: summed up here, so that JavaScript looks at such a run of rows once, and at the few
// that add more. What it does seldom it need not do fast: code that V8 optimizes costs more, in each thread, than it saves.

// Of a route: events, and how many of them were slow.
// Of a source: events, both counters of the first and of the second one, their ranges from there on, and the last nb_processed.
const AT_FIRST: usize = 8;
const AT_SECOND: usize = 24;
const AT_LOWEST: usize = 40;
const AT_HIGHEST: usize = 48;
const AT_FEWEST: usize = 56;
const AT_MOST: usize = 64;
const AT_LAST: usize = 72;
// Of a stream: events, the first and the last one by their number, and the three longest steps from one to the next, the longest
// first; 1 where there is none longer than that.
const AT_FIRST_NUMBER: usize = 8;
const AT_LAST_NUMBER: usize = 16;
const AT_STEPS: usize = 24;

// @ts-ignore: decorator
@inline
function routePlace(origin: i32, key: i32): usize {
  return SUMS + (((origin * 31 + key) as usize) & (ROUTE_PLACES - 1)) * ROUTE_BYTES;
}

/** Sums up rows of this origin and key under these numbers from now on; where another one has the place, it stays with that. */
export function bindRoute(origin: i32, key: i32, route: i32, source: i32, stream: i32): void {
  const place = routePlace(origin, key);
  if (load<i32>(place)) return;
  // One more, because memory that was never written is 0.
  store<i32>(place, origin + 1);
  store<i32>(place, key, 4);
  store<i32>(place, (ROUTE_SUMS as i32) + route * (ROUTE_SUM_BYTES as i32), 8);
  store<i32>(place, (SOURCE_SUMS as i32) + source * (SOURCE_SUM_BYTES as i32), 12);
  store<i32>(place, (STREAM_SUMS as i32) + stream * (STREAM_SUM_BYTES as i32), 16);
}

/**
 * Sums up `count` rows at most, up to the first of another time than the first one has, of no known route, that stands for several
 * events, or whose counter has fallen. Returns how many. A success that took longer than `slowMs` is slow. Of failures, of rows
 * whose timers no cell has, and of repeated ones, which add nothing here, the places are written down: there is more to them.
 */
export function sumUsual(start: i32, count: i32, slowMs: u32): i32 {
  let row = start as usize;
  let others: usize = OTHERS + 8;
  let repeated = 0;
  let i = 0;
  const time = load<f64>(row, AT_TIME);
  for (; i < count; i++, row += ROW_BYTES) {
    if (load<f64>(row, AT_TIME) != time || load<i32>(row, AT_REPEAT) != 1) break;
    const origin = load<i32>(row, AT_ORIGIN);
    const key = load<i32>(row, AT_KEY);
    const place = routePlace(origin, key);
    if (load<i32>(place) != origin + 1 || load<i32>(place, 4) != key) break;
    const unusual = (load<i32>(row, AT_FLAGS) & (FLAG_COUNTED | FLAG_REPEATED)) ^ FLAG_COUNTED;
    if (unusual & FLAG_REPEATED) repeated++;
    else {
      if (!addToSource(load<i32>(place, 12) as usize, load<f64>(row, AT_PROCESSED), load<f64>(row, AT_ERRORS))) break;
      addToStream(load<i32>(place, 16) as usize, (i + 1 - repeated) as f64);
    }
    if (unusual | load<i32>(row, AT_STATUS)) {
      store<i32>(others, (row >> 2) as i32);
      others += 4;
    } else {
      const route = load<i32>(place, 8) as usize;
      increment(route, 1);
      if (load<u32>(row, AT_TOTAL) > slowMs) increment(route + 8, 1);
    }
  }
  store<i32>(OTHERS, ((others - OTHERS) >> 2) as i32);
  store<i32>(OTHERS, repeated, 4);
  return i;
}

/** The first of the last rows of `count` among which `wanted` are not repeated; 0 when there are not so many. */
export function lastCounting(start: i32, count: i32, wanted: i32): i32 {
  let i = count;
  for (let kept = 0; i > 0 && kept < wanted; ) {
    i--;
    if (!(load<i32>((start as usize) + (i as usize) * ROW_BYTES, AT_FLAGS) & FLAG_REPEATED)) kept++;
  }
  return i;
}

/** False when the counter has fallen by more than threads log out of order. */
// @ts-ignore: decorator
@inline
function addToSource(sum: usize, processed: f64, errors: f64): bool {
  const count = load<f64>(sum);
  if (count > 1) {
    if (processed < load<f64>(sum, AT_LAST) - JITTER) return false;
    if (processed < load<f64>(sum, AT_LOWEST)) store<f64>(sum, processed, AT_LOWEST);
    if (processed > load<f64>(sum, AT_HIGHEST)) store<f64>(sum, processed, AT_HIGHEST);
    if (errors < load<f64>(sum, AT_FEWEST)) store<f64>(sum, errors, AT_FEWEST);
    if (errors > load<f64>(sum, AT_MOST)) store<f64>(sum, errors, AT_MOST);
  } else if (count == 1) {
    if (processed < load<f64>(sum, AT_LAST) - JITTER) return false;
    store<f64>(sum, processed, AT_SECOND);
    store<f64>(sum, errors, AT_SECOND + 8);
    store<f64>(sum, processed, AT_LOWEST);
    store<f64>(sum, processed, AT_HIGHEST);
    store<f64>(sum, errors, AT_FEWEST);
    store<f64>(sum, errors, AT_MOST);
  } else {
    store<f64>(sum, processed, AT_FIRST);
    store<f64>(sum, errors, AT_FIRST + 8);
  }
  store<f64>(sum, processed, AT_LAST);
  store<f64>(sum, count + 1);
  return true;
}

// @ts-ignore: decorator
@inline
function addToStream(sum: usize, number: f64): void {
  const count = load<f64>(sum);
  if (count == 0) {
    store<f64>(sum, number, AT_FIRST_NUMBER);
    // None is longer than 1 yet.
    for (let i: usize = 0; i < 24; i += 8) store<f64>(sum + AT_STEPS + i, 1);
  } else {
    const step = number - load<f64>(sum, AT_LAST_NUMBER);
    if (step > load<f64>(sum, AT_STEPS + 16)) keepStep(sum + AT_STEPS, step);
  }
  store<f64>(sum, number, AT_LAST_NUMBER);
  store<f64>(sum, count + 1);
}

/** Keeps a step that is longer than the shortest one of three. */
function keepStep(steps: usize, step: f64): void {
  let at = steps + 16;
  for (; at > steps && load<f64>(at - 8) < step; at -= 8) store<f64>(at, load<f64>(at - 8));
  store<f64>(at, step);
}

/** Skips the header's PRI and version, and sets `headerShape`; 0 when PRI is none. */
// @ts-ignore: decorator
@inline
function skipPriority(start: usize): usize {
  // <PRI>, 0–191 without leading zeros; a summary does not need the severity
  const first = start + 1;
  let p = first;
  let priority = 0;
  while (p < first + 3 && (digit(p) as u32) <= 9) priority = priority * 10 + digit(p++);
  const padded = p > first + 1 && load<u8>(first) == 0x30;
  if (p == first || padded || priority > 191 || load<u8>(p) != 0x3e) return 0;
  p++;
  headerShape = SHAPE_PRI;
  if (load<u16>(p) == 0x2031) {
    p += 2;
    headerShape = SHAPE_PRI | SHAPE_RFC5424;
  }
  return p;
}

let headerShape: i32 = 0;
let headerTime: f64 = 0;

/** Skips the header's time, which goes to `headerTime`; `at` itself when there is none that is known here. */
function skipTime(at: usize): usize {
  if ((digit(at) as u32) <= 9) {
    const after = readIsoTime(at);
    if (!after || load<u8>(after) != SPACE) return at;
    headerTime = isoTime;
    headerShape |= SHAPE_ISO_TIME;
    return after;
  }
  const a = load<u64>(at);
  const b = load<u64>(at, 8);
  if (a != lastLocalA || b != lastLocalB) {
    const packed = load<u8>(at, 15) == SPACE ? packLocalTime(at) : -1;
    if (packed < 0) return at;
    // In the minute of the line before, the year and the offset are its as well.
    if (lastLocalA && wasLocalTaken && previousTime == lastLocalTime && (packed ^ lastLocalPacked) < 64)
      lastLocalTime += ((packed - lastLocalPacked) * 1000) as f64;
    else lastLocalTime = resolveLocalTime(packed);
    lastLocalPacked = packed;
    lastLocalA = a;
    lastLocalB = b;
  }
  headerTime = lastLocalTime;
  headerShape |= SHAPE_LOCAL_TIME;
  return at + 15;
}

/** One line with its first marker at `marker`; its newline, with the row written, or 0 when the plain path must look. */
function readLine(start: usize, marker: usize, limit: usize, row: usize): usize {
  if (load<u8>(start) == BRACE) return readJson(start, marker, limit, row);
  headerShape = 0;
  const p = load<u8>(start) == 0x3c ? skipPriority(start) : start;
  if (!p) return 0;
  originStart = skipTime(p);
  if (originStart > marker) return 0;
  const origin = findOrigin(originStart, (marker - originStart) as i32, headerShape);
  if (!origin) return 0;
  const key = keyAt(marker, limit);
  if (!key) return 0;
  const end = readFields(row, marker + (load<i32>(key) as usize), false);
  if (!end) return 0;
  const timed = headerShape & (SHAPE_LOCAL_TIME | SHAPE_ISO_TIME);
  finishRow(row, start, key, load<i32>(origin, 8), timed ? headerTime : NO_TIME);
  return end;
}

// @ts-ignore: decorator
@inline
function keyAt(marker: usize, limit: usize): usize {
  const key = lastKey;
  const length = key ? (load<i32>(key) as usize) : 0;
  return key && marker + length <= limit && sameBytes(key + 16, marker, length) ? key : findKey(marker, limit);
}

/** What a row has besides its fields. */
// @ts-ignore: decorator
@inline
function finishRow(row: usize, start: usize, key: usize, origin: i32, time: f64): void {
  store<i32>(row, load<i32>(key, 8), AT_KEY);
  store<i32>(row, origin, AT_ORIGIN);
  store<i32>(row, 1, AT_REPEAT);
  store<i32>(row, (start - INPUT) as i32, AT_LINE);
  store<i32>(row, headerShape & SHAPE_LOCAL_TIME ? lastLocalPacked : 0, AT_STAMP);
  const cell = load<i32>(key, 12) as usize;
  if (cell) countInCell(cell, row);
  store<f64>(row, time, AT_TIME);
  if (time == NO_TIME) return;
  previousTime = time;
  if (headerShape & SHAPE_LOCAL_TIME) isLocalTaken = true;
  else lastLocalA = 0; // the same RFC 3164 text may mean another year now
}

// ── a line of JSON ──────────────────────────────────────────────────────────────────────────────────────────

// A template is a line of a shipper (../json-template.ts makes it): texts that stand in each such line, and between them
// parts that differ from line to line without a meaning, the time, and the line of HAProxy. Before each part its kind and
// its length, 16 bits each.
const BRACE: u8 = 0x7b;
const AT_ORIGIN_ID: usize = 4;
const AT_PARTS: usize = 16;
const PART_END: u32 = 0;
const PART_TEXT: u32 = 1;
const PART_STRING: u32 = 2;
const PART_NUMBER: u32 = 3;
const PART_ISO: u32 = 4;
const PART_EPOCH: u32 = 5;
const PART_EVENT: u32 = 6;

/** A whole line that is like one of the templates, with its first marker at `marker`; as readLine. */
function readJson(start: usize, marker: usize, limit: usize, row: usize): usize {
  if (lastTemplate) {
    const end = readByTemplate(lastTemplate, start, marker, limit, row);
    if (end) return end;
  }
  for (let i = 0, template = TEMPLATES; i < templateCount; i++, template += TEMPLATE_BYTES) {
    if (template == lastTemplate) continue;
    const end = readByTemplate(template, start, marker, limit, row);
    if (end) {
      lastTemplate = template;
      return end;
    }
  }
  // The plain path teaches it as JSON.
  originStart = start;
  return 0;
}

function readByTemplate(template: usize, start: usize, marker: usize, limit: usize, row: usize): usize {
  let part = template + AT_PARTS;
  let p = start;
  let key: usize = 0;
  let time: f64 = NO_TIME;
  for (;;) {
    const kind = load<u16>(part) as u32;
    const length = load<u16>(part, 2) as usize;
    part += 4;
    if (kind == PART_TEXT) {
      if (!sameBytes(part, p, length)) return 0;
      part += length;
      p += length;
    } else if (kind == PART_EVENT) {
      headerShape = 0;
      p = load<u8>(p) == 0x3c ? skipPriority(p) : p;
      if (!p) return 0;
      p = skipTime(p);
      if (headerShape != load<i32>(template) || p + length != marker || !sameBytes(part, p, length)) return 0;
      part += length;
      key = keyAt(marker, limit);
      if (!key) return 0;
      p = readFields(row, marker + (load<i32>(key) as usize), true);
      if (headerShape & (SHAPE_LOCAL_TIME | SHAPE_ISO_TIME)) time = headerTime;
    } else if (kind == PART_STRING) p = skipString(p);
    else if (kind == PART_NUMBER) p = skipNumber(p);
    else if (kind == PART_ISO) {
      p = readIsoTime(p);
      time = isoTime;
    } else if (kind == PART_EPOCH) {
      p = readEpoch(p, length);
      time = epochTime;
    } else break;
    if (!p) return 0;
  }
  while (load<u8>(p) == SPACE || load<u8>(p) == 0x0d) p++;
  if (load<u8>(p) != NEWLINE || p - start > MAX_LINE) return 0;
  finishRow(row, start, key, load<i32>(template, AT_ORIGIN_ID), time);
  return p;
}

/** The quote behind a text of JSON; 0 where one has a marker in it, or an escape or a byte that may not be JSON. */
function skipString(at: usize): usize {
  let p = at;
  for (;;) {
    const bytes = v128.load(p);
    const ends = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH)));
    const others = v128.or(i8x16.lt_u(bytes, i8x16.splat(SPACE)), i8x16.eq(bytes, i8x16.splat(0x53)));
    const mask = i8x16.bitmask(v128.or(ends, others));
    if (!mask) {
      p += 16;
      continue;
    }
    p += ctz(mask) as usize;
    const byte = load<u8>(p);
    if (byte == 0x53 && !isMarker(p)) p++;
    else if (byte == BACKSLASH && isShortEscape(load<u8>(p, 1))) p += 2;
    else return byte == QUOTE ? p : 0;
  }
  return 0; // never: the compiler wants it
}

/** One of `"`, `\`, `/`, `b`, `f`, `n`, `r` and `t`. */
function isShortEscape(byte: u8): bool {
  if (byte == QUOTE || byte == BACKSLASH || byte == SLASH) return true;
  return byte == 0x62 || byte == 0x66 || byte == 0x6e || byte == 0x72 || byte == 0x74;
}

/** The end of a number of JSON without an exponent, or 0. */
function skipNumber(at: usize): usize {
  let p = at + (load<u8>(at) == 0x2d ? 1 : 0);
  const first = p;
  while ((digit(p) as u32) <= 9) p++;
  if (p == first || (load<u8>(first) == 0x30 && p > first + 1)) return 0;
  if (load<u8>(p) != 0x2e) return p;
  const decimals = ++p;
  while ((digit(p) as u32) <= 9) p++;
  return p == decimals ? 0 : p;
}

let epochTime: f64 = 0;

/** Reads `digits` digits since 1970, 10 of seconds, perhaps with up to 6 decimals, 13 of ms or 16 of µs, into `epochTime`; as skipNumber. */
function readEpoch(at: usize, digits: usize): usize {
  let value: i64 = 0;
  let p = at;
  while ((digit(p) as u32) <= 9 && p < at + 17) value = value * 10 + (digit(p++) as i64);
  if (p != at + digits || load<u8>(at) == 0x30) return 0;
  if (digits == 16) epochTime = (value / 1000) as f64;
  else if (digits == 13) epochTime = value as f64;
  else {
    let micros: i64 = 0;
    if (load<u8>(p) == 0x2e) {
      const decimals = ++p;
      let scale: i64 = 100000;
      for (; (digit(p) as u32) <= 9 && scale > 0; p++, scale /= 10) micros += (digit(p) as i64) * scale;
      // Beyond 3999999999 the plain path has too few bits for six decimals.
      if (p == decimals || load<u8>(at) > 0x33) return 0;
    }
    epochTime = (value * 1000 + micros / 1000) as f64;
  }
  return p;
}

/** The start of the text that may be taught as an origin. */
let originStart: usize = 0;

/** The end (newline) of the line that holds `at`. The caller guarantees that there is one before `limit`. */
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
  const zero = i8x16.splat(0);
  for (let p = from; p < limit; p += 64) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const inA = special(a);
    const inB = special(b);
    const inC = special(c);
    const inD = special(d);
    // NULs are rare: one test for all 64 bytes, and where each one is only when it says so.
    const zeros = i8x16.eq(i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d)), zero);
    if (!v128.any_true(v128.or(v128.or(v128.or(inA, inB), v128.or(inC, inD)), zeros))) continue;
    let mask = bits(inA, inB, inC, inD);
    if (v128.any_true(zeros)) mask |= bits(i8x16.eq(a, zero), i8x16.eq(b, zero), i8x16.eq(c, zero), i8x16.eq(d, zero));
    for (; mask; mask &= mask - 1) {
      const at = p + (ctz(mask) as usize);
      if (at >= limit) return 0;
      const byte = load<u8>(at);
      if (byte == NEWLINE) {
        newlines++;
        if (at - lineStart > MAX_LINE) overlong++;
        lineStart = at + 1;
      } else if (byte == 0 || isCandidate(at)) {
        return at;
      }
    }
  }
  return 0;
}

/** Newlines and the letters that may begin a marker. */
// @ts-ignore: decorator
@inline
function special(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(NEWLINE)), i8x16.eq(bytes, i8x16.splat(0x53)));
}

/** A bit for each byte of 64 that is set. */
// @ts-ignore: decorator
@inline
function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = (i8x16.bitmask(a) as u32) | ((i8x16.bitmask(b) as u32) << 16);
  const high = (i8x16.bitmask(c) as u32) | ((i8x16.bitmask(d) as u32) << 16);
  return (low as u64) | ((high as u64) << 32);
}

// @ts-ignore: decorator
@inline
function isMarker(at: usize): bool {
  return load<u32>(at) == MARKER && load<u8>(at, 4) == 0x3a;
}

const SSAG: u32 = 0x47415353; // "SSAG", little endian
const ESCAPE: u8 = 0x1b;
const SERV: u32 = 0x76726553;
const STOP: u32 = 0x706f7453;

/**
 * What a line is looked at for: a marker, also one that is coloured; journald's array of bytes, `"MESSAGE": [`; and
 * `Server ` or `Stopping`, the first word of what HAProxy says about itself.
 */
// @ts-ignore: decorator
@inline
function isCandidate(at: usize): bool {
  const word = load<u32>(at);
  if (word == MARKER) return load<u8>(at, 4) == 0x3a || load<u8>(at, 4) == ESCAPE;
  if (word == SERV) return load<u32>(at, 3) == 0x20726576;
  if (word == STOP) return load<u32>(at, 4) == 0x676e6970;
  return word == SSAG && isArrayOfBytes(at);
}

function isArrayOfBytes(at: usize): bool {
  if (load<u16>(at, 4) != 0x2245) return false; // E"
  let p = skipFourSpaces(at + 6);
  if (load<u8>(p) != 0x3a) return false;
  p = skipFourSpaces(p + 1);
  return load<u8>(p) == 0x5b;
}

function skipFourSpaces(at: usize): usize {
  let p = at;
  while (p < at + 4 && load<u8>(p) == SPACE) p++;
  return p;
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
  let linesAtRow = 0;
  let usual: usize = 0; // how far into its line the last marker was: most often the next one is there too
  while (rows < MAX_ROWS && lineStart < limit) {
    const row = ROWS + (rows as usize) * ROW_BYTES;
    if (usual && lineStart + usual < limit && isMarker(lineStart + usual)) {
      const stop = readLine(lineStart, lineStart + usual, limit, row);
      if (stop) {
        rows++;
        newlines++;
        linesAtRow = newlines;
        lineStart = stop + 1;
        continue;
      }
    }
    const at = nextCandidate(lineStart, limit);
    if (!at) break;
    // A marker, a NUL hole that may hide one, or HAProxy about itself: this line is looked at.
    const marker: usize = isMarker(at) ? at : 0;
    if (marker) usual = at - lineStart;
    originStart = limit;
    const before = rows;
    let stop = marker ? readLine(lineStart, marker, limit, row) : 0;
    if (stop) rows++;
    else {
      stop = lineEnd(at, limit);
      const teachable: usize = marker && originStart <= marker && stop - lineStart <= MAX_LINE ? marker : 0;
      rows += plainLine(lineStart as i32, stop as i32, row as i32, originStart as i32, teachable as i32, headerShape);
    }
    newlines++;
    lineStart = stop + 1;
    if (rows > before) linesAtRow = newlines;
  }
  trailing = rows > 0 ? newlines - linesAtRow : trailing + newlines;
  lines += newlines;
  position = (lineStart as i32) - start;
  return rows;
}

// ── seen events ──────────────────────────────────────────────────────────────────────────────────────────────

// A byte a stream, in pages of 64 streams for each track and 4 s (../../seen-events.ts says what that is about and what it
// cannot tell). Here because it looks at each event.

const FLAG_REPEATED: i32 = 4;
const BUCKET_MS: f64 = 4096;
const VALUES: u32 = 255;
/** The most that nb_processed steps back when threads log out of order. */
const JITTER: f64 = 16;
const NO_TRACK: i32 = -1;
/** Bit of a track of groups, which one stream may send several times. */
const GROUP: i32 = 1 << 20;
const NEVER: i32 = i32.MIN_VALUE;

// An owner: track, bucket and block of a page, and the next page of its chain.
const AT_BUCKET: usize = 4;
const AT_BLOCK: usize = 8;
const AT_NEXT: usize = 12;
// A recent block: track, bucket and block, then its pages here, in the bucket before and in the one after.
const AT_HERE: usize = 12;
const AT_BEFORE: usize = 16;
const AT_AFTER: usize = 20;

/** The track of these numbers: NO_TRACK, or a number below 65,536, with GROUP. */
declare function trackOf(origin: i32, key: i32): i32;
/** Whether this event is among those that are kept whole; adds it. */
declare function isKnownExactly(track: i32, bucket: i32, near: i32, sid: i32, processed: f64): i32;

/** Pages that were ever taken. Page 0 is no page: nothing is ever in it. */
export let taken: i32 = 0;
/** Events that could not be checked. */
export let unchecked: f64 = 0;
export const ownersStart: i32 = OWNERS as i32;
export const pagesStart: i32 = PAGES as i32;
export const maxPages: i32 = MAX_PAGES;
let mostPages: i32 = MAX_PAGES;
let forgottenUntil: i32 = NEVER;

/** Called once, before anything else; `pages` may be fewer than there is room for. */
export function beginSeen(pages: i32): void {
  mostPages = pages;
  for (let i: usize = 0; i < (RECENT_COUNT as usize); i++) store<i32>(RECENT + i * RECENT_BYTES, NO_TRACK);
}

/** The numbers of origins and keys mean something else now. */
export function forgetTracks(): void {
  memory.fill(TRACKS, 0, (TRACK_SLOTS as usize) * TRACK_BYTES);
}

/** Lines without a time begin anew. */
export function forgetLives(): void {
  memory.fill(LIVES, 0, (livedTracks as usize) * LIFE_BYTES);
}

/** Tracks that have lives, at most. */
let livedTracks: i32 = 0;

/** The highest counter of a track in its present life, and the number of that; 0 and 0 without one. */
export function latestOf(track: i32): f64 {
  return load<f64>(lifeAt(track));
}

export function lifeNumberOf(track: i32): i32 {
  return load<i32>(lifeAt(track), 8);
}

/** The lines that come go on with this life. */
export function continueLife(track: i32, latest: f64, life: i32): void {
  const at = lifeAt(track);
  store<f64>(at, latest);
  store<i32>(at, life, 8);
}

/** Where the life of a track is kept, which may be written. */
function lifeAt(track: i32): usize {
  const number = track & (MAX_TRACKS - 1);
  if (number >= livedTracks) livedTracks = number + 1;
  return LIVES + (number as usize) * LIFE_BYTES;
}

// @ts-ignore: decorator
@inline
function recentOf(track: i32, block: i32): usize {
  return RECENT + (((block + track * 7) & (RECENT_COUNT - 1)) as usize) * RECENT_BYTES;
}

/** Remembers the events of rows, and sets FLAG_REPEATED on each that was seen before. */
export function mark(start: i32, count: i32): void {
  let row = start as usize;
  let lastTime: f64 = NaN;
  let bucket: i32 = 0;
  let isEarly: bool = false;
  for (let i = 0; i < count; i++, row += ROW_BYTES) {
    const time = load<f64>(row, AT_TIME);
    if (time != lastTime) {
      lastTime = time;
      const place = time / BUCKET_MS;
      bucket = time == NO_TIME ? 0 : ((floor(place) as i64) as i32);
      isEarly = place - floor(place) < 0.5;
    }
    const origin = load<i32>(row, AT_ORIGIN);
    const key = load<i32>(row, AT_KEY);
    const known = TRACKS + (((origin * 31 + key) & (TRACK_SLOTS - 1)) as usize) * TRACK_BYTES;
    let track = load<i32>(known, 8);
    // One more, because memory that was never written is 0.
    if (load<i32>(known) != origin + 1 || load<i32>(known, 4) != key) {
      track = trackOf(origin, key);
      store<i32>(known, origin + 1);
      store<i32>(known, key, 4);
      store<i32>(known, track, 8);
    }
    if (track == NO_TRACK) {
      unchecked++;
      continue;
    }
    const sid = load<i32>(row, AT_SID);
    const processed = load<f64>(row, AT_PROCESSED);
    let block = sid >>> 6;
    let value = 1 + (sumOf(row, processed) % VALUES);
    if (track & GROUP) {
      // The byte holds the last part of the counters, the block the rest: not their sum.
      const counter = processed as i64;
      block ^= ((counter / VALUES + 1) as i32) * 0x1e3779b1;
      value = 1 + ((counter % VALUES) as u32);
    }
    if (time == NO_TIME) bucket = lifeOf(track, processed);
    const recent = recentOf(track, block);
    if (load<i32>(recent, AT_BLOCK) != block || load<i32>(recent, AT_BUCKET) != bucket || load<i32>(recent) != track)
      find(recent, track, bucket, block);
    const at = (sid & 63) as usize;
    const here = (load<i32>(recent, AT_HERE) as usize) + at;
    const near = (load<i32>(recent + (isEarly ? AT_BEFORE : AT_AFTER)) as usize) + at;
    if (here >= PAGES + PAGE_BYTES && load<u8>(here) == 0 && load<u8>(near) == 0 && bucket > forgottenUntil)
      store<u8>(here, value as u8);
    else if (take(recent, time == NO_TIME || isEarly, sid, value, processed))
      store<i32>(row, load<i32>(row, AT_FLAGS) | FLAG_REPEATED, AT_FLAGS);
  }
}

/** Hashes a number so that counters that differ by a little differ in the byte. */
// @ts-ignore: decorator
@inline
function sumOf(row: usize, processed: f64): u32 {
  const errors = (load<f64>(row, AT_ERRORS) as i64) as u32;
  return ((processed as i64) as u32) + errors * 7 + load<u32>(row, AT_TOTAL) * 31 + load<u32>(row, AT_STATUS) * 101;
}

/** Everything that is not usual: the stream is known, has no page yet, or is older than what is remembered. */
function take(recent: usize, isEarly: bool, sid: i32, value: u32, processed: f64): bool {
  const track = load<i32>(recent);
  const bucket = load<i32>(recent, AT_BUCKET);
  const at = (sid & 63) as usize;
  let here = load<i32>(recent, AT_HERE) as usize;
  const known = load<u8>(here + at) as u32;
  const near = load<u8>((load<i32>(recent + (isEarly ? AT_BEFORE : AT_AFTER)) as usize) + at) as u32;
  if (known == value || near == value) return true;
  if (known | near) {
    if (isKnownExactly(track, bucket, isEarly ? bucket - 1 : bucket + 1, sid, processed)) return true;
  }
  if (bucket <= forgottenUntil) unchecked++;
  if (here == PAGES) {
    here = addPage(track, bucket, load<i32>(recent, AT_BLOCK));
    store<i32>(recent, track);
    store<i32>(recent, here as i32, AT_HERE);
  }
  if (known == 0) store<u8>(here + at, value as u8);
  return false;
}

/** The number of times the counters of a track have begun anew in this input, as a bucket. Buckets of two lives are no neighbours. */
function lifeOf(track: i32, processed: f64): i32 {
  const life = lifeAt(track);
  const latest = load<f64>(life);
  if (processed < latest / 2 && latest - processed > JITTER) {
    store<f64>(life, processed);
    store<i32>(life, load<i32>(life, 8) + 1, 8);
  } else if (processed > latest) store<f64>(life, processed);
  return -2 * (1 + load<i32>(life, 8));
}

/** Chains of a block in neighbouring buckets have their heads beside each other. */
// @ts-ignore: decorator
@inline
function headOf(track: i32, bucket: i32, block: i32): usize {
  let hash = (block * 0x1e3779b1) ^ ((track + 1) * 0x42b2ae35) ^ ((bucket >> 4) * 0x05ebca6b);
  hash ^= hash >>> 15;
  return HEADS + (((((hash << 4) | (bucket & 15)) & (HEADS_COUNT - 1)) as usize) << 2);
}

function find(recent: usize, track: i32, bucket: i32, block: i32): void {
  store<i32>(recent, track);
  store<i32>(recent, bucket, AT_BUCKET);
  store<i32>(recent, block, AT_BLOCK);
  store<i32>(recent, findPage(track, bucket, block), AT_HERE);
  store<i32>(recent, findPage(track, bucket - 1, block), AT_BEFORE);
  store<i32>(recent, findPage(track, bucket + 1, block), AT_AFTER);
}

/** The address of the bytes of a page, or of page 0. */
function findPage(track: i32, bucket: i32, block: i32): i32 {
  let page = load<i32>(headOf(track, bucket, block));
  while (page) {
    const owner = OWNERS + (page as usize) * OWNER_BYTES;
    if (load<i32>(owner) == track && load<i32>(owner, AT_BUCKET) == bucket && load<i32>(owner, AT_BLOCK) == block) break;
    page = load<i32>(owner, AT_NEXT);
  }
  return (PAGES as i32) + page * (PAGE_BYTES as i32);
}

/** A page of its own for a block that has none; where its bytes are. */
function addPage(track: i32, bucket: i32, block: i32): usize {
  const page = 1 + (taken % (mostPages - 1));
  if (taken >= mostPages - 1) forget(page);
  taken++;
  const owner = OWNERS + (page as usize) * OWNER_BYTES;
  const head = headOf(track, bucket, block);
  store<i32>(owner, track);
  store<i32>(owner, bucket, AT_BUCKET);
  store<i32>(owner, block, AT_BLOCK);
  store<i32>(owner, load<i32>(head), AT_NEXT);
  store<i32>(head, page);
  return PAGES + (page as usize) * PAGE_BYTES;
}

/** The page of a block, a new one where there is none yet. */
export function pageOf(track: i32, bucket: i32, block: i32): i32 {
  const known = findPage(track, bucket, block);
  const page = known == (PAGES as i32) ? (addPage(track, bucket, block) as i32) : known;
  store<i32>(recentOf(track, block), NO_TRACK);
  return page;
}

/** Gives up the oldest page. */
function forget(page: i32): void {
  const owner = OWNERS + (page as usize) * OWNER_BYTES;
  const track = load<i32>(owner);
  const bucket = load<i32>(owner, AT_BUCKET);
  const block = load<i32>(owner, AT_BLOCK);
  let link = headOf(track, bucket, block);
  while (load<i32>(link) != page) link = OWNERS + (load<i32>(link) as usize) * OWNER_BYTES + AT_NEXT;
  store<i32>(link, load<i32>(owner, AT_NEXT));
  memory.fill(PAGES + (page as usize) * PAGE_BYTES, 0, PAGE_BYTES);
  if (bucket > forgottenUntil) forgottenUntil = bucket;
  // All that is at hand of these streams, in this bucket or beside it, is in one place.
  store<i32>(recentOf(track, block), NO_TRACK);
}
