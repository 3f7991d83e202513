/**
 * The times that line headers carry, and the moment each of them means.
 *
 * ISO 8601 / RFC 3339 times are moments. RFC 3164 times (`Nov  2 07:20:40`) have neither year nor zone: TimeResolver
 * finds them from the lines around.
 */
import type { HeaderTime } from './record.ts';
import { parseZone, type ToEpoch, type Zone, zoneToEpoch } from './zone.ts';
import { isImpossibleZone, zoneOffset } from './zone-names.ts';

type LocalTime = Extract<HeaderTime, { kind: 'local' }>;

/** A local time that states its year: ISO 8601 without a zone. */
export type DatedLocalTime = LocalTime & { readonly year: number };

/** A time read at some place of a line, and the place behind it. */
export interface ScannedTime {
  readonly time: HeaderTime;
  readonly end: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No clock that was set is earlier. */
const EARLIEST_CLOCK_MS = Date.UTC(2001, 0, 1);
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const CLOCK = '(\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9})(?!\\d))?';
const ISO = new RegExp(`(\\d{4})-(\\d\\d)-(\\d\\d)[T ]${CLOCK}(Z|[+-]\\d\\d:?\\d\\d)?`, 'y');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
// HAProxy and rsyslog pad the day with a space; others with a zero or not at all.
const BSD = new RegExp(`^(${MONTHS.join('|')}) ( ?\\d|\\d\\d) ${CLOCK}$`);

/** The parts of a time as a line writes them. */
export interface WrittenTime {
  readonly year?: string | undefined;
  /** 1–12 */
  readonly month: number;
  readonly day: string | undefined;
  readonly hour: string | undefined;
  readonly minute: string | undefined;
  readonly second: string | undefined;
  /** Decimals of the second; what is below a millisecond is cut. */
  readonly fraction?: string | undefined;
  /** `Z`, `+0100` or an abbreviation. */
  readonly zone?: string | undefined;
}

/** The time of a written one; undefined when there is no such time. Without a year or without a zone that is known it is a local one. */
export function readWrittenTime(written: WrittenTime): HeaderTime | undefined {
  const { zone } = written;
  const local = localTime(written);
  if (local === undefined || (zone !== undefined && isImpossibleZone(zone))) return undefined;
  const offset = zone === undefined ? undefined : zoneOffset(zone);
  if (written.year === undefined) return offset === undefined ? local : { ...local, zoneMinutes: offset };
  const year = Number(written.year);
  if (year < 1970 || local.day > daysIn(year, local.month)) return undefined;
  return offset === undefined ? ({ ...local, year } as DatedLocalTime) : absolute(local, year, offset);
}

/** `2026-11-22T07:20:40.406960+00:00` at `at`. Up to nine decimals, cut to milliseconds; without a zone: local. */
export function scanIsoTime(line: string, at: number): ScannedTime | undefined {
  ISO.lastIndex = at;
  const match = ISO.exec(line);
  if (match === null) return undefined;
  const end = ISO.lastIndex;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const time = readWrittenTime({ year, month: Number(month), day, hour, minute, second, fraction, zone });
  return time && { time, end };
}

/** The same time in a zone `offset` minutes east of Greenwich. */
function absolute(local: LocalTime, year: number, offset: number): HeaderTime | undefined {
  const { month, day, hour, minute, second, ms } = local;
  const epochMs = Date.UTC(year, month - 1, day, hour, minute, second, ms) - offset * MINUTE_MS;
  // A time that its zone moves out of the years 1970–9999 has no date-time to be written as.
  return epochMs < 0 || epochMs > LATEST_MS ? undefined : { kind: 'absolute', epochMs };
}

/** A whole text that is one ISO 8601 time. */
export function parseIsoTime(text: string): HeaderTime | undefined {
  const scanned = scanIsoTime(text, 0);
  return scanned?.end === text.length ? scanned.time : undefined;
}

/** A whole text that is `Nov 22 07:02:28` or `Nov  2 07:02:28.123456` (RFC 3164 section 4.1.2, with journalctl's decimals). */
export function parseBsdTime(text: string): HeaderTime | undefined {
  const match = BSD.exec(text);
  if (match === null) return undefined;
  const [, month, day, hour, minute, second, fraction] = match;
  return localTime({ month: MONTHS.indexOf(month ?? '') + 1, day, hour, minute, second, fraction });
}

function localTime(written: WrittenTime): LocalTime | undefined {
  const { month, fraction } = written;
  const day = Number(written.day);
  const hour = Number(written.hour);
  const minute = Number(written.minute);
  const second = Number(written.second);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(2000, month)) return undefined;
  // 60 is a leap second; it is read as the second after it.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const ms = fraction === undefined ? 0 : Number(fraction.padEnd(3, '0').slice(0, 3));
  return { kind: 'local', month, day, hour, minute, second, ms };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export interface TimeResolverOptions {
  readonly zone: Zone;
  /** Date in the file name, else mtime, else now: milliseconds since the epoch. */
  readonly referenceMs: number;
  /** The year of the first line, if that line states none. */
  readonly year?: number;
  /** The moment of the line before the first, where an input is read from its middle. */
  readonly previousMs?: number;
}

/** Options that decide which moment a time without a year or a zone (RFC 3164) means. */
export interface ReadingTimes {
  /** Zone of times without one, as `--tz` has it: `UTC`, `+02:00`, `Europe/Paris`; this machine's without it. */
  readonly tz?: string;
  /** Year of the first line, 1970–9998; without it the latest that does not put the line more than a day behind `nowMs`. */
  readonly year?: number;
  /** Epoch ms; the present without it. */
  readonly nowMs?: number;
}

/** The resolver for lines that come without a file's name or date. Throws TimeZoneError, RangeError. */
export function streamTimes({ tz = 'local', year, nowMs = Date.now() }: ReadingTimes): TimeResolver {
  const zone = parseZone(tz);
  return new TimeResolver({ zone, referenceMs: nowMs, ...(year !== undefined && { year: checkYear(year) }) });
}

/** Throws RangeError. */
export function checkYear(year: number): number {
  if (isYear(year)) return year;
  throw new RangeError(`not a year from 1970 to 9998: ${year}`);
}

/** A year that a time can be in, with a margin for its zone. */
export function isYear(year: number): boolean {
  return Number.isInteger(year) && year >= 1970 && year <= 9998;
}

// Leap years are at most eight apart (1896–1904, 2096–2104): 29 February always has one within this many years.
const YEARS_AROUND = 8;
// Closer than this to the previous line, no other year can be nearer.
const SURELY_NEAREST_MS = 181 * DAY_MS;

/**
 * Finds the moment of each line of one input, in order.
 *
 * The first line, if it is RFC 3164, is in the latest year that does not put it more than a day behind the reference,
 * or in `year`; each later one in the year nearest to the line before. Lines with a full time count as the line before
 * too. 29 February exists in leap years only. The year is chosen for the second; milliseconds are added then.
 */
export class TimeResolver {
  /** The moment of the line before, in milliseconds since the epoch: all that the next answer depends on. */
  previousMs: number | undefined;
  /** The first time whose year had to be found, and the moment it was taken for. */
  firstLocal: { readonly time: HeaderTime; readonly epochMs: number } | undefined;
  readonly #toEpoch: ToEpoch;
  readonly #limitMs: number;
  readonly #firstYear: number | undefined;
  // The last second resolved: successive lines are mostly in the same one.
  #cachedKey = -1;
  #cachedMs = 0;

  constructor(options: TimeResolverOptions) {
    this.#toEpoch = zoneToEpoch(options.zone);
    this.#limitMs = options.referenceMs + DAY_MS;
    this.#firstYear = options.year;
    this.previousMs = options.previousMs;
  }

  /** The moment of the next line, in milliseconds since the epoch. */
  resolve(time: HeaderTime): number {
    this.previousMs = this.peek(time);
    return this.previousMs;
  }

  /** The answer of `resolve`, without taking the time as that of the line before. */
  peek(time: HeaderTime): number {
    if (time.kind === 'absolute') return time.epochMs;
    const { year } = time as Partial<DatedLocalTime>;
    if (year !== undefined) return this.#inYear(time, year) + time.ms;
    if (time.zoneMinutes !== undefined) {
      const epochMs = this.#inYear(time, this.#chooseYear(time)) + time.ms;
      this.firstLocal ??= { time, epochMs };
      return epochMs;
    }
    const key = keyOf(time);
    if (key !== this.#cachedKey || !this.#isNearPrevious(this.#cachedMs)) {
      this.#cachedMs = this.#inYear(time, this.#chooseYear(time));
      this.#cachedKey = key;
      this.firstLocal ??= { time, epochMs: this.#cachedMs + time.ms };
    }
    return this.#cachedMs + time.ms;
  }

  /** The answer of `peek` for a line that nobody may have asked about: nothing is remembered. */
  guess(time: LocalTime): number {
    const [key, ms, first] = [this.#cachedKey, this.#cachedMs, this.firstLocal];
    const guessed = this.peek(time);
    this.#cachedKey = key;
    this.#cachedMs = ms;
    this.firstLocal = first;
    return guessed;
  }

  /** Remembers a whole second that was guessed and did belong to a line, as `peek` does. */
  take(time: LocalTime, epochMs: number): void {
    this.#cachedKey = keyOf(time);
    this.#cachedMs = epochMs;
    this.firstLocal ??= { time, epochMs };
  }

  #isNearPrevious(epochMs: number): boolean {
    const previous = this.#anchorMs();
    return previous !== undefined && Math.abs(epochMs - previous) < SURELY_NEAREST_MS;
  }

  /** The moment that a year is found from: of a line whose clock was not set, or is ahead, it is the one before. */
  #anchorMs(): number | undefined {
    const { previousMs } = this;
    if (previousMs === undefined || (previousMs >= EARLIEST_CLOCK_MS && previousMs <= this.#limitMs)) return previousMs;
    if (this.#cachedKey >= 0) return this.#cachedMs;
    return previousMs < EARLIEST_CLOCK_MS ? undefined : previousMs;
  }

  /** The whole second. */
  #inYear(time: LocalTime, year: number): number {
    const { month, day, hour, minute, second, zoneMinutes } = time;
    if (zoneMinutes !== undefined)
      return Date.UTC(year, month - 1, day, hour, minute, second) - zoneMinutes * MINUTE_MS;
    return this.#toEpoch({ year, month, day, hour, minute, second, ms: 0 });
  }

  #chooseYear(time: LocalTime): number {
    const previous = this.#anchorMs();
    if (previous !== undefined) {
      const around = new Date(previous).getUTCFullYear();
      if (hasDay(time, around) && this.#isNearPrevious(this.#inYear(time, around))) return around;
      const nearest = nearestBy(yearsWith(time, around), (year) => Math.abs(this.#inYear(time, year) - previous));
      // Lines go forward: a leap back over the turn of the year is one forward of a clock that was not set before.
      const goesBack = this.#inYear(time, nearest) < previous - DAY_MS;
      const isPossible = hasDay(time, nearest + 1) && this.#inYear(time, nearest + 1) <= this.#limitMs;
      return goesBack && isPossible ? nearest + 1 : nearest;
    }
    const first = this.#firstYear;
    if (first === undefined) return this.#latestYear(time);
    return nearestBy(yearsWith(time, first), (year) => Math.abs(year - first));
  }

  #latestYear(time: LocalTime): number {
    const newest = new Date(this.#limitMs).getUTCFullYear() + 1;
    const years = yearsWith(time, newest).filter((year) => this.#inYear(time, year) <= this.#limitMs);
    return years.at(-1) ?? newest;
  }
}

function keyOf({ month, day, hour, minute, second }: LocalTime): number {
  return (((month * 32 + day) * 24 + hour) * 60 + minute) * 64 + second;
}

function hasDay(time: LocalTime, year: number): boolean {
  return time.day <= daysIn(year, time.month);
}

function yearsWith(time: LocalTime, around: number): number[] {
  const years: number[] = [];
  for (let year = around - YEARS_AROUND; year <= around + YEARS_AROUND; year += 1) {
    if (hasDay(time, year)) years.push(year);
  }
  return years;
}

/** The candidate with the smallest distance; the earlier of two. */
function nearestBy(years: readonly number[], distance: (year: number) => number): number {
  return years.reduce((best, year) => (distance(year) < distance(best) ? year : best), years[0] ?? 1970);
}

/**
 * The end (UTC) of the day that a file name states, in milliseconds since the epoch: `lb-access-2026-11-22.log`,
 * `access.log-20261122.gz`, `haproxy.2026-11-22T07.log`.
 *
 * The end and not the start, because the day's last lines may be as late as half a day behind it west of Greenwich,
 * and TimeResolver allows one day.
 */
export function referenceFromFileName(name: string): number | undefined {
  const base = name.replace(/^.*[/\\]/s, '');
  for (const match of base.matchAll(/(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?=$|\D|(?:\d\d){1,3}(?!\d))/g)) {
    const [, year, , month, day] = match.map(Number) as [number, number, number, number, number];
    if (year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)) {
      return Date.UTC(year, month - 1, day) + DAY_MS;
    }
  }
  return undefined;
}
