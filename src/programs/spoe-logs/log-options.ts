/** The options that every command which reads logs takes. */
import { isYear } from '../../logs/time.ts';
import type { Zone } from '../../logs/zone.ts';
import type { Given, OptionTable } from './command.ts';
import { CliError } from './errors.ts';
import { type FilterOptions, parseMoment, parseStatusFilter, readZone } from './filter-options.ts';

const FILTERS = 'Which lines:';
const TIMES = 'Times:';

const FOLLOW = {
  follow: {
    alias: 'F',
    type: 'boolean',
    default: false,
    describe: 'go on as the files grow, are rotated, truncated, missing (tail -F)',
  },
} as const satisfies OptionTable;

const LINE_OPTIONS = {
  host: { type: 'string', array: true, nargs: 1, group: FILTERS, describe: 'only lines of this host' },
  pid: { type: 'string', array: true, nargs: 1, group: FILTERS, describe: 'only lines of this process' },
  since: {
    type: 'string',
    nargs: 1,
    group: FILTERS,
    describe: 'from this time on: 2026-11-22T07:00, -15m',
  },
  until: { type: 'string', nargs: 1, group: FILTERS, describe: 'before this time' },
  year: {
    type: 'number',
    nargs: 1,
    group: TIMES,
    describe: 'year of the first line, for times without one (RFC 3164)',
  },
  tz: {
    type: 'string',
    nargs: 1,
    group: TIMES,
    describe: 'zone of times without one: UTC, +02:00, Europe/Paris',
  },
} as const satisfies OptionTable;

export const LOG_OPTIONS = {
  ...FOLLOW,
  agent: {
    type: 'string',
    array: true,
    nargs: 1,
    group: FILTERS,
    describe: 'only this spoe-agent (repeatable, or a,b)',
  },
  status: {
    type: 'string',
    nargs: 1,
    group: FILTERS,
    describe: "only these codes: 1,256-400, '!0', error",
  },
  ...LINE_OPTIONS,
} as const satisfies OptionTable;

/** For logs whose lines are requests. */
export const REQUEST_LOG_OPTIONS = { ...FOLLOW, ...LINE_OPTIONS } as const satisfies OptionTable;

export type LogArguments = Given<typeof LOG_OPTIONS>;

export interface LogOptions {
  readonly filter: FilterOptions;
  readonly zone: Zone;
  readonly year?: number;
  readonly nowMs: number;
}

/** Checks and reads the options. Throws CliError. */
export function readLogOptions(given: LogArguments, nowMs: number): LogOptions {
  const zone = readZone(given.tz);
  const { year } = given;
  if (year !== undefined && !isYear(year)) {
    throw new CliError('bad-year', `cannot read --year ${year}`, 'write four digits, such as 2026');
  }
  if (given.status !== undefined) parseStatusFilter(given.status);
  const filter: FilterOptions = {
    ...(given.agent && { agents: splitList(given.agent) }),
    ...(given.host && { hosts: splitList(given.host) }),
    ...(given.pid && { pids: splitList(given.pid).map(readPid) }),
    ...(given.status !== undefined && { status: given.status }),
    ...(given.since !== undefined && { since: parseMoment('--since', given.since, zone, nowMs) }),
    ...(given.until !== undefined && { until: parseMoment('--until', given.until, zone, nowMs) }),
  };
  return { filter, zone, nowMs, ...(year !== undefined && { year }) };
}

function splitList(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter((value) => value !== '');
}

function readPid(text: string): number {
  if (!/^\d{1,10}$/.test(text))
    throw new CliError('bad-pid', `cannot read --pid ${JSON.stringify(text)}`, 'write a process number');
  return Number(text);
}
