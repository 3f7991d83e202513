/**
 * The zone that a time without one (RFC 3164) was written in.
 *
 * Times that a clock change skips or repeats are read as Date reads them (and Temporal's "compatible"): a repeated
 * one is the earlier, a skipped one keeps the offset that was valid before the change.
 */

export type Zone =
  /** This machine's zone: TZ, /etc/localtime. */
  | 'local'
  /** East of Greenwich is positive. */
  | { readonly offsetMinutes: number }
  /** An IANA name, `Europe/Paris`. */
  | { readonly name: string };

export class TimeZoneError extends Error {
  override readonly name = 'TimeZoneError';
  readonly code = 'bad-time-zone';

  constructor(text: string) {
    super(`not a time zone: ${JSON.stringify(text)}; use UTC, +02:00, -0330 or an IANA name such as Europe/Paris`);
  }
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
// The largest offset in use anywhere is +14:00 (Pacific/Kiritimati).
const MAX_OFFSET_MINUTES = 14 * 60;

/** Reads `local`, `UTC`, `GMT`, `Z`, `+02:00`, `-0330`, `+02` or an IANA name. Throws TimeZoneError (bad-time-zone). */
export function parseZone(text: string): Zone {
  const wanted = text.trim();
  if (wanted.toLowerCase() === 'local') return 'local';
  if (/^(?:utc|gmt|z)$/i.test(wanted)) return { offsetMinutes: 0 };
  const offset = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(wanted);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    if (minutes > MAX_OFFSET_MINUTES || Number(offset[3] ?? 0) > 59) throw new TimeZoneError(text);
    return { offsetMinutes: offset[1] === '-' && minutes !== 0 ? -minutes : minutes };
  }
  // Newer Nodes take offsets as names: only letters may start one here.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(wanted)) throw new TimeZoneError(text);
  try {
    return { name: new Intl.DateTimeFormat('en-US', { timeZone: wanted }).resolvedOptions().timeZone };
  } catch {
    throw new TimeZoneError(text);
  }
}

/** Wall-clock fields; month 1–12. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
}

/** Turns wall-clock fields of one zone into milliseconds since the epoch. */
export type ToEpoch = (wall: WallClock) => number;

export function zoneToEpoch(zone: Zone): ToEpoch {
  if (zone === 'local') {
    return (w) => new Date(w.year, w.month - 1, w.day, w.hour, w.minute, w.second, w.ms).getTime();
  }
  if ('offsetMinutes' in zone) {
    const offset = zone.offsetMinutes * MINUTE_MS;
    return (w) => asUtc(w) - offset;
  }
  return namedZone(zone.name);
}

function asUtc(w: WallClock): number {
  return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second, w.ms);
}

// Every clock change since 1970 happens on a quarter of an hour: within one, the offset is the same.
const QUARTER_MS = 15 * MINUTE_MS;
const MAX_QUARTERS = 64;

/** Intl is slow (microseconds a call), so that offsets are kept for the quarter hours seen last. */
function namedZone(name: string): ToEpoch {
  const offsetAt = intlOffset(name);
  const known = new Map<number, number>();
  return (wall) => {
    const utc = asUtc(wall);
    const quarter = Math.floor(utc / QUARTER_MS);
    let offset = known.get(quarter);
    if (offset === undefined) {
      offset = wallOffset(quarter * QUARTER_MS, offsetAt);
      if (known.size >= MAX_QUARTERS) known.clear();
      known.set(quarter, offset);
    }
    return utc - offset;
  };
}

function wallOffset(wallMs: number, offsetAt: (epochMs: number) => number): number {
  const before = offsetAt(wallMs - DAY_MS);
  if (offsetAt(wallMs - before) === before) return before;
  const after = offsetAt(wallMs + DAY_MS);
  return offsetAt(wallMs - after) === after ? after : before;
}

/** The zone's offset from UTC in milliseconds at a moment. */
function intlOffset(name: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochMs) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(epochMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const wall = Date.UTC(year, month - 1, day, hour, minute, second);
    return wall - Math.floor(epochMs / 1000) * 1000;
  };
}
