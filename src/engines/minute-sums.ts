/**
 * Counts of minutes, added up by the engine to as many rows as an answer has: hosts × minutes are hundreds of thousands of rows, of some
 * hundred numbers each.
 */
import type { Dialect } from './dialect.ts';
import type { EngineRow, EngineValue } from './engine.ts';
import { THE_END, withEnd } from './the-end.ts';

/** `group` is of the dimensions that are asked for, `source` of a host and agent, `window` of a window of time. */
const KINDS = ['group', 'source', 'window'] as const;
type Kind = (typeof KINDS)[number];

export interface MinuteSums {
  /** What tells groups apart; `event` is type and name. */
  readonly by: readonly string[];
  readonly windows?: MinuteWindows | undefined;
}

export interface MinuteWindows {
  /** Of whole minutes. */
  readonly widthMs: number;
  /** Epoch ms: what begins later is of the window that begins here. */
  readonly lastFrom?: number | undefined;
}

/** Some rows of spoe_minutes as one. What its kind does not tell apart is empty. */
export interface MinuteSum {
  readonly kind: Kind;
  /** Epoch ms. */
  readonly windowFrom: number;
  readonly agent: string;
  readonly type: string;
  readonly event: string;
  readonly host: string;
  readonly count: number;
  readonly errors: number;
  readonly interrupted: number;
  readonly sum: number;
  /** 4294967295 without any. */
  readonly min: number;
  readonly max: number;
  /** Events by code, of groups, and by bucket of pT, of groups and windows: pairs of the number and how many. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly buckets: readonly (readonly [number, number])[];
}

const VALUES = [
  ['events', 'sum(count)'],
  ['failed', 'sum(errors)'],
  ['interrupted', 'sum(pT_interrupted)'],
  ['pT_total', 'sum(pT_sum)'],
  ['pT_lowest', 'min(pT_min)'],
  ['pT_highest', 'max(pT_max)'],
] as const;

/** The window that a minute is of, epoch ms. */
function windowOf({ ms }: Dialect, widthMs: number): string {
  return `floor(${ms('minute')} / ${widthMs}) * ${widthMs}`;
}

/** Asks for the windows in order of time, at most so many: 0, and where one begins, up to the end. @param from a table, with its conditions */
export function windowsSql(sql: Dialect, from: string, widthMs: number, most: number): string {
  const window = sql.cast(windowOf(sql, widthMs), 'f64');
  const windows = `SELECT DISTINCT ${window} AS window_ms FROM ${from} ORDER BY window_ms LIMIT ${most}`;
  const last = [sql.cast(`${THE_END}`, 'i32'), sql.cast('0', 'f64')];
  return withEnd(
    `SELECT ${sql.cast('0', 'i32')} AS is_end, window_ms FROM (${windows}) AS w`,
    last,
    'is_end, window_ms',
  );
}

/** Asks for the sums up to the end, those of one kind in the order in which rows by minute, agent, type, event and host name them first. */
export function minuteSumsSql(sql: Dialect, from: string, { by, windows }: MinuteSums): string {
  const kinds = KINDS.filter((kind) => kind !== 'window' || windows !== undefined);
  const isOf = (these: readonly Kind[]) => {
    const numbers = these.map((kind) => KINDS.indexOf(kind));
    return numbers.length === 0 ? 'false' : `kind IN (${numbers.join(', ')})`;
  };
  const key = (column: string, dimension: string, more: readonly Kind[] = []) => {
    const these: Kind[] = by.includes(dimension) ? ['group', ...more] : [...more];
    return [`of_${column}`, sql.either(isOf(these), sql.text(column), "''")] as const;
  };
  const { widthMs, lastFrom } = windows ?? { widthMs: 1 };
  const begin = sql.cast(windowOf(sql, widthMs), 'f64');
  const window = lastFrom === undefined ? begin : `least(${begin}, ${sql.cast(String(lastFrom), 'f64')})`;
  const sums = sql.addUp({
    from,
    kinds: kinds.map((kind) => KINDS.indexOf(kind)),
    keys: [
      ['of_window', sql.either(isOf(['window']), window, sql.cast('0', 'f64'))],
      key('agent', 'agent', ['source']),
      key('type', 'event'),
      key('event', 'event'),
      key('host', 'host', ['source']),
    ],
    values: [
      ...VALUES.map(([name, value]) => [name, sql.cast(value, 'f64')] as const),
      ['first_row', 'min((minute, agent, type, event, host))'],
    ],
    maps: [
      ['codes', sql.either(isOf(['group']), 'status', sql.noCounts)],
      ['buckets', sql.either(isOf(['group', 'window']), 'pT', sql.noCounts)],
    ],
  });
  const [zero, none] = [sql.cast('0', 'f64'), sql.cast("''", 'text')];
  const last = [
    ...[sql.cast(`${THE_END}`, 'i32'), zero, none, none, none, none],
    ...[...VALUES.map(() => zero), `(${sql.moment('0')}, '', '', '', '')`, sql.noCounts, sql.noCounts],
  ];
  return `${withEnd(sums, last, 'kind, first_row')}${sql.settings}`;
}

/** A row of that answer. */
export function readMinuteSum(row: EngineRow): MinuteSum {
  const [kind, windowFrom, agent, type, event, host, ...values] = row;
  const [count = 0, errors = 0, interrupted = 0, sum = 0, min = 0, max = 0] = values
    .slice(0, VALUES.length)
    .map(Number);
  const [codes, buckets] = row.slice(-2);
  return {
    ...{ kind: KINDS[Number(kind)] as Kind, windowFrom: Number(windowFrom) },
    ...{ agent: String(agent), type: String(type), event: String(event), host: String(host) },
    ...{ count, errors, interrupted, sum, min, max },
    ...{ statuses: pairsOf(codes), buckets: pairsOf(buckets) },
  };
}

/** A map of an engine, by number. */
function pairsOf(map: EngineValue | undefined): [number, number][] {
  return Object.entries(map ?? {}).map(([key, value]) => [Number(key), Number(value)]);
}
