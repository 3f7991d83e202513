/** The options that choose lines: as given, as plain data for a worker thread, and as a filter. */
import { parseIsoTime, TimeResolver } from '../../logs/time.ts';
import { parseZone, type Zone, zoneToEpoch } from '../../logs/zone.ts';
import { parseDuration } from '../../options/duration.ts';
import type { EventFilter } from '../../stats/filter.ts';
import { CliError } from './errors.ts';

/** The options as plain data, so that a worker thread can be given them. */
export interface FilterOptions {
  readonly agents?: readonly string[];
  readonly hosts?: readonly string[];
  readonly pids?: readonly number[];
  /** The statuses as given: `1,256-400`, `!0`, `error`. */
  readonly status?: string;
  readonly since?: number;
  readonly until?: number;
}

/** The filter of the options; undefined when nothing is left out. */
export function toFilter({ agents, hosts, pids, status, since, until }: FilterOptions): EventFilter | undefined {
  const filter: EventFilter = {
    ...(agents && { agents: new Set(agents) }),
    ...(hosts && { hosts: new Set(hosts) }),
    ...(pids && { pids: new Set(pids) }),
    ...(status !== undefined && { status: parseStatusFilter(status) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

/** Reads `1,257` (these), `256-400` (a range), `error` (all but 0), `!0,!1` (all but these). Throws CliError. */
export function parseStatusFilter(text: string): (code: number) => boolean {
  const wanted: [number, number][] = [];
  const unwanted: [number, number][] = [];
  for (const item of text.split(',').map((part) => part.trim())) {
    const match = /^(!?)(\d{1,10})(?:-(\d{1,10}))?$/.exec(item);
    if (item === 'error' || item === 'errors') wanted.push([1, Number.POSITIVE_INFINITY]);
    else if (match === null)
      throw new CliError(
        'bad-status',
        `cannot read --status ${JSON.stringify(text)}`,
        "write codes, ranges or 'error': 1,256-400 or '!0'",
      );
    else if (match[3] !== undefined && Number(match[3]) < Number(match[2]))
      throw new CliError(
        'bad-status',
        `--status ${match[2]}-${match[3]} is an empty range`,
        'write the lower code first',
      );
    else (match[1] === '!' ? unwanted : wanted).push([Number(match[2]), Number(match[3] ?? match[2])]);
  }
  const isIn = (ranges: [number, number][], code: number) => ranges.some(([low, high]) => code >= low && code <= high);
  return (code) => (wanted.length === 0 || isIn(wanted, code)) && !isIn(unwanted, code);
}

/**
 * Reads `-15m` (before now), `01:30` (today), `2026-11-22T07:00:00Z`, `2026-11-22 07:00`, `2026-11-22`; `zone` is for texts
 * without one.
 */
export function parseMoment(option: string, text: string, zone: Zone, nowMs: number): number {
  const wanted = text.trim();
  const ago = wanted.startsWith('-') ? parseDuration(wanted.slice(1)) : undefined;
  if (ago !== undefined) return nowMs - ago;
  const clock = /^(\d{1,2}:\d\d)(:\d\d)?$/.exec(wanted);
  if (clock !== null)
    return parseMoment(option, `${today(zone, nowMs)}T${wanted.padStart(clock[2] ? 8 : 5, '0')}`, zone, nowMs);
  const completed = /^\d{4}-\d\d-\d\d$/.test(wanted)
    ? `${wanted}T00:00:00`
    : wanted.replace(/^(.{11}\d\d:\d\d)(?=$|Z|[+-])/, '$1:00');
  const time = parseIsoTime(completed);
  if (time === undefined) {
    const ago = meantAgo(wanted);
    throw new CliError(
      'bad-time',
      `cannot read ${option} ${JSON.stringify(text)}`,
      ago !== undefined
        ? `did you mean ${option} ${ago}?`
        : 'write 2026-11-22T07:00:00Z, 2026-11-22, or -15m for 15 minutes ago',
    );
  }
  return new TimeResolver({ zone, referenceMs: nowMs }).resolve(time);
}

/** The text that `15m`, `-15` and `15` were meant to be: `-15m`. */
function meantAgo(text: string): string | undefined {
  const match = /^-?(\d+)(ms|s|m|h|d|)$/.exec(text);
  return match === null ? undefined : `-${match[1]}${match[2] || 'm'}`;
}

/** The date of the present day in a zone. */
function today(zone: Zone, nowMs: number): string {
  const toEpoch = zoneToEpoch(zone);
  const dates = [1, 0, -1].map((days) => new Date(nowMs + days * 86_400_000));
  const begun = dates.find((date) => {
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    return toEpoch({ year, month, day, hour: 0, minute: 0, second: 0, ms: 0 }) <= nowMs;
  });
  return (begun ?? new Date(nowMs)).toISOString().slice(0, 10);
}

export function readZone(text: string | undefined): Zone {
  try {
    return parseZone(text ?? 'local');
  } catch (error) {
    throw new CliError('bad-time-zone', (error as Error).message);
  }
}
