/** The options that every command which reads logs takes. */

import { isYear } from '../../logs/time.ts';
import type { Zone } from '../../logs/zone.ts';
import { OptionError } from '../../options/errors.ts';
import { count, FLAG, type Kind, list, special, text, texts, withoutBlanks } from '../../options/kinds.ts';
import { type Given, optionTable } from '../../options/option.ts';
import { type FilterOptions, parseMoment, parseStatusFilter, readZone } from './filter-options.ts';

const FILTERS = 'Which lines:';
const TIMES = 'Times:';

export const FOLLOW_OPTIONS = optionTable({
  follow: { short: 'F', kind: FLAG, help: 'go on as the files grow, are rotated, truncated, missing (tail -F)' },
});

/** The moment as text: which one is meant depends on the zone and on the present. */
const MOMENT: Kind<string> = {
  ...text('WHEN'),
  grammar: '2026-11-22T07:00:00Z, 2026-11-22 07:00, 2026-11-22, 01:30 of today, or -15m: before now',
};
const YEAR = count('YEAR', { hint: 'write four digits, such as 2026' });

const PID = special('PID', (given, option) => {
  if (/^\d{1,10}$/.test(given)) return Number(given);
  throw new OptionError(`invalid ${option}: '${given}'`, { hint: 'write a process number' });
});

/** What times mean that do not say it. */
export const TIME_OPTIONS = optionTable({
  year: {
    kind: {
      ...YEAR,
      parse: (given, option) => {
        const year = YEAR.parse(given, option);
        if (isYear(year)) return year;
        throw new OptionError(`invalid year: '${given}'`, { hint: 'write four digits, such as 2026' });
      },
    },
    group: TIMES,
    help: 'year of the first line, for times without one (RFC 3164)',
  },
  tz: { kind: text('ZONE'), group: TIMES, help: 'zone of times without one: UTC, +02:00, Europe/Paris' },
});

const LINE_OPTIONS = optionTable({
  host: { kind: withoutBlanks(texts('HOST')), repeatable: true, group: FILTERS, help: 'only lines of this host' },
  pid: {
    kind: withoutBlanks(list('PID', PID)),
    repeatable: true,
    group: FILTERS,
    help: 'only lines of this process',
  },
  since: { kind: MOMENT, group: FILTERS, help: 'from this time on: 2026-11-22T07:00, -15m' },
  until: { kind: MOMENT, group: FILTERS, help: 'before this time' },
  ...TIME_OPTIONS,
});

export const LOG_OPTIONS = optionTable({
  ...FOLLOW_OPTIONS,
  agent: {
    kind: withoutBlanks(texts('AGENT')),
    repeatable: true,
    group: FILTERS,
    help: 'only this spoe-agent (repeatable, or a,b)',
  },
  status: { kind: text('CODES', ['error']), group: FILTERS, help: "only these codes: 1,256-400, '!0', error" },
  ...LINE_OPTIONS,
});

/** The options for logs whose lines are requests. */
export const REQUEST_LOG_OPTIONS = optionTable({ ...FOLLOW_OPTIONS, ...LINE_OPTIONS });

export type LogArguments = Given<typeof LOG_OPTIONS>;

export interface LogOptions {
  readonly filter: FilterOptions;
  readonly zone: Zone;
  readonly year?: number;
  readonly nowMs: number;
}

/** Reads the options that depend on the zone and on the present. Throws CliError. */
export function readLogOptions(given: LogArguments, nowMs: number): LogOptions {
  const zone = readZone(given.tz);
  const { agent, host, pid, status, since, until, year } = given;
  if (status !== undefined) parseStatusFilter(status);
  const filter: FilterOptions = {
    ...(agent && { agents: agent }),
    ...(host && { hosts: host }),
    ...(pid && { pids: pid }),
    ...(status !== undefined && { status }),
    ...(since !== undefined && { since: parseMoment('--since', since, zone, nowMs) }),
    ...(until !== undefined && { until: parseMoment('--until', until, zone, nowMs) }),
  };
  return { filter, zone, nowMs, ...(year !== undefined && { year }) };
}
