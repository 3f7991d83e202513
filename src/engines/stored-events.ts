/**
 * What `load` has stored of logs, in the order in which it was read: files, their parts, and the events of parts. The engine stores and
 * selects, and nothing is counted here.
 */
import { type Dialect, dialectOf } from './dialect.ts';
import { type Engine, type EngineBlock, type EngineObject, type PlainType, readObjects } from './engine.ts';
import { type MinuteSum, type MinuteSums, minuteSumsSql, readMinuteSum, windowsSql } from './minute-sums.ts';
import { cutShort, rowsToTheEnd, THE_END, withEnd } from './the-end.ts';

/** A file, or what was loaded of it. */
export interface StoredFile {
  readonly loadId: string;
  /** Where it was loaded. */
  readonly host: string;
  readonly path: string;
  readonly parts: number;
  /** Rows of events, of parts that are loaded. */
  readonly rows: number;
}

/** Some lines of a file. */
export interface StoredPart {
  /** Its number in the list of files. */
  readonly file: number;
  readonly firstLine: number;
  readonly endLine: number;
  /** begun, or loaded. */
  readonly state: string;
  readonly hasEvents: boolean;
  readonly hasMinutes: boolean;
  readonly rows: number;
  readonly duplicates: number;
  readonly untimed: number;
  /** Epoch ms of its events; both 0 without any. */
  readonly timeFrom: number;
  readonly timeTo: number;
  readonly loadedAt: number;
  /** PartLines as JSON. */
  readonly details: string;
}

/** Events of minutes, of all parts that are loaded and of all rows. */
export interface MinutesThere {
  readonly loaded: number;
  readonly found: number;
  /** Rows may be gone because they are no longer kept. */
  readonly areSomeExpired: boolean;
}

/** Which events are asked for: all that is absent is not asked about. */
export interface EventSelection {
  readonly agents?: readonly string[] | undefined;
  readonly hosts?: readonly string[] | undefined;
  /** Lines that name no host are of the one that `load` was told. */
  readonly areUnnamedOfHost: boolean;
  readonly pids?: readonly number[] | undefined;
  /** Epoch ms, from and before. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Parts that are asked for at once, and files of one question. */
const PAGE_PARTS = 2000;
const PAGE_FILES = 100;
const DAY_MS = 86_400_000;

export class StoredEvents {
  readonly engine: Engine;
  readonly #sql: Dialect;
  #minutes: Promise<string> | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
    this.#sql = dialectOf(engine);
  }

  /** The files of which events were loaded, as they were loaded first. Throws EngineError. */
  async files(): Promise<readonly StoredFile[]> {
    const rows = await readObjects(
      this.engine,
      `SELECT load_id, ${this.#sql.first}(host, first_line) AS file_host, ${this.#sql.first}(path, first_line) AS file_path, count(*) AS parts,
        sum(CASE WHEN state = 'loaded' THEN l.rows ELSE 0 END) AS file_rows, min(${this.#sql.ms('loaded_at')}) AS first_loaded
      FROM ${this.#sql.loads} AS l WHERE role = 'events'
      GROUP BY load_id ORDER BY first_loaded, load_id`,
    );
    return rows.map((row) => ({
      loadId: String(row.load_id),
      host: String(row.file_host),
      path: String(row.file_path),
      parts: Number(row.parts),
      rows: Number(row.file_rows),
    }));
  }

  /** The parts of files, in order; `between` leaves out what has no event then. Throws EngineError. */
  async *parts(
    files: readonly StoredFile[],
    between: Pick<EventSelection, 'since' | 'until'> = {},
  ): AsyncGenerator<StoredPart, void> {
    for (let first = 0; first < files.length; ) {
      const end = endOfPage(files, first);
      yield* this.#partsOf(files, first, end, between);
      first = end;
    }
  }

  async *#partsOf(
    files: readonly StoredFile[],
    first: number,
    end: number,
    { since, until }: Pick<EventSelection, 'since' | 'until'>,
  ): AsyncGenerator<StoredPart, void> {
    const { ms, loads } = this.#sql;
    const numbers = new Map(files.slice(first, end).map(({ loadId }, i) => [loadId, first + i]));
    const given = new Bound(this.#sql);
    const ids = given.texts([...numbers.keys()]);
    const from = given.number('from', -1);
    const times = [
      // What has no event is of about when it was loaded.
      ...(since === undefined
        ? []
        : [
            `CASE WHEN l.rows = 0 THEN ${ms('loaded_at')} ELSE ${ms('time_to')} END >= ${given.number('since', since)}`,
          ]),
      ...(until === undefined ? [] : [`(${ms('time_from')} < ${given.number('until', until)} OR l.rows = 0)`]),
    ];
    const sql = `SELECT load_id, first_line, end_line, state, tables, l.rows AS row_count, duplicates, untimed,
        ${ms('time_from')} AS from_ms, ${ms('time_to')} AS to_ms, ${ms('loaded_at')} AS loaded_ms, details
      FROM ${loads} AS l WHERE role = 'events' AND load_id IN (${ids}) AND first_line > ${from}
      ${times.map((condition) => `AND ${condition}`).join(' ')} ORDER BY load_id, first_line LIMIT ${PAGE_PARTS + 1}`;
    for (let isMore = true; isMore; ) {
      const rows = await readObjects(this.engine, sql, given.parameters);
      // Several files are asked for at once only where all their parts are few.
      isMore = rows.length > PAGE_PARTS && end - first === 1;
      if (isMore) rows.length = PAGE_PARTS;
      const parts = rows.map((row) => toStoredPart(row, numbers.get(String(row.load_id)) ?? first));
      parts.sort((a, b) => a.file - b.file || a.firstLine - b.firstLine);
      yield* parts;
      given.parameters.from = parts.at(-1)?.firstLine ?? 0;
    }
  }

  /** Parts that were begun and are not loaded, by load_id and first line, and when: at most so many. Throws EngineError. */
  async begun(most: number): Promise<ReadonlyMap<string, number>> {
    const rows = await readObjects(
      this.engine,
      `SELECT load_id, first_line, ${this.#sql.ms('loaded_at')} AS loaded_ms FROM ${this.#sql.loads} AS l
      WHERE role = 'events' AND state <> 'loaded' ORDER BY load_id, first_line LIMIT ${most}`,
    );
    return new Map(rows.map((row) => [`${row.load_id} ${row.first_line}`, Number(row.loaded_ms)]));
  }

  /**
   * Up to when rows may be gone because they are no longer kept, epoch ms: the first day that is there, of any host, or what the TTL of
   * the table has let go. Undefined where nothing is there: then nothing says that it was let go. Throws EngineError.
   */
  async keptFrom(): Promise<number | undefined> {
    const [row] = await readObjects(
      this.engine,
      `SELECT ${this.#sql.ms('min(time)')} AS oldest, count(*) AS events FROM spoe_events`,
    );
    return await this.#boundOf('spoe_events', Number(row?.events ?? 0) === 0 ? undefined : Number(row?.oldest));
  }

  async #boundOf(table: string, oldest: number | undefined): Promise<number | undefined> {
    const days = oldest === undefined ? [] : [Math.floor(oldest / DAY_MS) * DAY_MS];
    const bounds = [...days, ...(await this.#expiry(table))];
    return bounds.length === 0 ? undefined : Math.max(...bounds);
  }

  /** Whether the minutes are those that were loaded. Undefined while others load, and where some did not finish. Throws EngineError. */
  async minutesThere(): Promise<MinutesThere | undefined> {
    const before = await this.#loadedMinutes();
    const [row] = await readObjects(
      this.engine,
      `SELECT sum(count) AS events, count(*) AS row_count, ${this.#sql.ms('min(minute)')} AS oldest FROM ${await this.#minutesTable()}`,
    );
    if (row === undefined) throw cutShort(this.engine);
    const after = await this.#loadedMinutes();
    if (before.begun + after.begun > 0 || before.parts !== after.parts || before.loaded !== after.loaded)
      return undefined;
    const isEmpty = Number(row.row_count) === 0;
    const keptFrom = await this.#boundOf('spoe_minutes', isEmpty ? undefined : Number(row.oldest));
    return {
      ...{ loaded: after.loaded, found: isEmpty ? 0 : Number(row.events) },
      areSomeExpired: keptFrom !== undefined && after.oldest < keptFrom,
    };
  }

  async #loadedMinutes() {
    const [row] = await readObjects(
      this.engine,
      `SELECT sum(CASE WHEN state = 'loaded' THEN l.rows ELSE 0 END) AS events, sum(CASE WHEN state = 'loaded' THEN 0 ELSE 1 END) AS begun,
        count(*) AS parts, ${this.#sql.ms("min(CASE WHEN state = 'loaded' AND l.rows > 0 THEN time_from END)")} AS oldest
      FROM ${this.#sql.loads} AS l WHERE role = 'events' AND tables LIKE '%spoe_minutes%'`,
    );
    if (row === undefined) throw cutShort(this.engine);
    return {
      ...{ loaded: Number(row.events), begun: Number(row.begun) },
      ...{ parts: Number(row.parts), oldest: Number(row.oldest) },
    };
  }

  /** What lies before is past the days that ClickHouse keeps; none where it keeps all. Throws EngineError. */
  async #expiry(table: string): Promise<number[]> {
    if (this.engine.dialect !== 'clickhouse') return [];
    const rows = await readObjects(
      this.engine,
      `SELECT create_table_query AS statement, ${this.#sql.ms('now64(3)')} AS now FROM system.tables
      WHERE database = currentDatabase() AND name IN ('${table}', '${table}_local')`,
    );
    return rows.flatMap(({ statement, now }) => {
      const days = /\bTTL\b.*?(?:toIntervalDay\(|INTERVAL )(\d+)/s.exec(String(statement))?.[1];
      return days === undefined ? [] : [Number(now) - Number(days) * DAY_MS];
    });
  }

  /** How many events there are, of those that are asked for, whose part spoe_loads does not know. Throws EngineError. */
  async strays(selection?: EventSelection): Promise<number> {
    const given = new Bound(this.#sql);
    const where = selection === undefined ? '' : this.#where(selection, given);
    // Rows are added up by part first, so that few of them are looked up. A part that is begun meanwhile is known before its rows come.
    const [row] = await readObjects(
      this.engine,
      `SELECT sum(events) AS strays FROM (SELECT source, part, count(*) AS events FROM spoe_events${where} GROUP BY source, part) AS p
      WHERE (source, part) NOT IN (SELECT load_id, first_line FROM spoe_loads WHERE role = 'events')`,
      given.parameters,
    );
    return Number(row?.strays ?? 0);
  }

  /** How many events there are that are asked for. Throws EngineError. */
  async count(selection: EventSelection): Promise<number> {
    const given = new Bound(this.#sql);
    const where = this.#where(selection, given);
    const [row] = await readObjects(
      this.engine,
      `SELECT count(*) AS events FROM spoe_events${where}`,
      given.parameters,
    );
    return Number(row?.events ?? 0);
  }

  /**
   * The events of parts that follow one another, in order: EVENT_COLUMNS. Throws EngineError, also in the middle.
   * @param parts of few files
   */
  async *events(
    files: readonly StoredFile[],
    parts: readonly StoredPart[],
    selection?: EventSelection,
  ): AsyncGenerator<EngineBlock, void> {
    if (parts.length === 0) return;
    const given = new Bound(this.#sql);
    const conditions = [
      ...this.#places(files, parts, given),
      ...(selection === undefined ? [] : this.#conditions(selection, given)),
    ];
    const order = rangesOf(parts)
      .map(({ file }, i) => `WHEN source = ${this.#sql.parameter(`source${i}`, 'text')} THEN ${file}`)
      .join(' ');
    const { cast } = this.#sql;
    const columns = EVENT_COLUMNS.map(({ name, type, sql }) => {
      const value = name === 'file' ? `CASE ${order} ELSE -1 END` : columnOf(this.#sql, sql);
      return `${cast(value, type)} AS ${name}`;
    });
    const last = EVENT_COLUMNS.map(({ name, type }) =>
      cast(name === 'file' ? `${THE_END}` : type === 'text' ? "''" : '0', type),
    );
    const rows = `SELECT ${columns.join(', ')} FROM spoe_events WHERE ${conditions.join(' AND ')}`;
    const sql = withEnd(rows, last, 'file, first_of_part, number_in_part');
    const types = EVENT_COLUMNS.map(({ type }) => type);
    let hasEnded = false;
    for await (const block of this.engine.blocks(sql, types, given.parameters)) {
      hasEnded = Number(block.columns[0]?.[block.count - 1]) === THE_END;
      yield hasEnded ? { ...block, count: block.count - 1 } : block;
    }
    if (!hasEnded) throw cutShort(this.engine);
  }

  /** Where the windows of minutes begin, epoch ms, in order of time: at most so many. Throws EngineError. */
  async windows(selection: EventSelection, widthMs: number, most: number): Promise<readonly number[]> {
    const given = new Bound(this.#sql);
    const from = `${await this.#minutesTable()}${this.#where(selection, given, 'minute')}`;
    const sql = windowsSql(this.#sql, from, widthMs, most);
    const starts: number[] = [];
    for await (const [, start] of rowsToTheEnd(this.engine, sql, given.parameters)) starts.push(Number(start));
    return starts;
  }

  /** The minutes that are asked for, added up to what an answer has of them. Throws EngineError, also in the middle. */
  async *minutes(selection: EventSelection, sums: MinuteSums): AsyncGenerator<MinuteSum, void> {
    const given = new Bound(this.#sql);
    const from = `${await this.#minutesTable()}${this.#where(selection, given, 'minute')}`;
    const sql = minuteSumsSql(this.#sql, from, sums);
    for await (const row of rowsToTheEnd(this.engine, sql, given.parameters)) yield readMinuteSum(row);
  }

  /** The minutes as they are when they are first asked for, where a statement would else see some more of them each time that it names them. */
  #minutesTable(): Promise<string> {
    this.#minutes ??= this.#fixMinutes();
    return this.#minutes;
  }

  async #fixMinutes(): Promise<string> {
    const fixed = this.#sql.fixedMinutes;
    if (fixed === undefined) return 'spoe_minutes';
    const files: string[] = [];
    for await (const { count, columns } of this.engine.blocks(fixed.files, ['text']))
      files.push(...(columns[0] as readonly string[]).slice(0, count));
    if (files.length === 0) return 'spoe_minutes';
    await this.engine.run(fixed.of(files));
    return fixed.table;
  }

  /** How many different events each of these parts has, by `eventPlace`. Throws EngineError. */
  async countParts(files: readonly StoredFile[], parts: readonly StoredPart[]): Promise<ReadonlyMap<string, number>> {
    const given = new Bound(this.#sql);
    const rows = await readObjects(
      this.engine,
      `SELECT source, part, count(DISTINCT number) AS events FROM spoe_events
      WHERE ${this.#places(files, parts, given).join(' AND ')} GROUP BY source, part`,
      given.parameters,
    );
    return new Map(rows.map((row) => [`${row.source} ${row.part}`, Number(row.events)]));
  }

  /** Conditions of the rows of these parts. Days before and after are not looked into. */
  #places(files: readonly StoredFile[], parts: readonly StoredPart[], given: Bound): string[] {
    const { moment } = this.#sql;
    const places = rangesOf(parts).map(({ file, first, last }, i) => {
      const source = given.text(`source${i}`, files[file]?.loadId ?? '');
      return `(source = ${source} AND part BETWEEN ${given.number(`first${i}`, first)} AND ${given.number(`last${i}`, last)})`;
    });
    const from = Math.min(...parts.map(({ timeFrom }) => timeFrom));
    const to = Math.max(...parts.map(({ timeTo }) => timeTo)) + 1;
    return [
      `time >= ${moment(given.number('from', from))}`,
      `time < ${moment(given.number('to', to))}`,
      `(${places.join(' OR ')})`,
    ];
  }

  #where(selection: EventSelection, given: Bound, time?: string): string {
    const conditions = this.#conditions(selection, given, time);
    return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  }

  #conditions(selection: EventSelection, given: Bound, time = 'time'): string[] {
    const { agents, hosts, areUnnamedOfHost, pids, since, until } = selection;
    const { moment } = this.#sql;
    return [
      ...(agents === undefined ? [] : [`agent IN (${given.texts(agents, 'agent')})`]),
      ...(hosts === undefined ? [] : [`host IN (${given.texts(hosts, 'host')})`]),
      ...(hosts === undefined || areUnnamedOfHost ? [] : ['named = 1']),
      ...(pids === undefined ? [] : [`pid IN (${pids.map((pid) => Math.trunc(pid)).join(', ')})`]),
      ...(since === undefined ? [] : [`${time} >= ${moment(given.number('since', Math.ceil(since)))}`]),
      ...(until === undefined ? [] : [`${time} < ${moment(given.number('until', Math.ceil(until)))}`]),
    ];
  }
}

interface EventColumn {
  readonly name: string;
  readonly type: PlainType;
  /** `#name` is one that may be absent, `@name` a moment in epoch ms, `%name` a counter of 64 bits, of which the lower 53 are taken. */
  readonly sql: string;
}

const of = (name: string, type: PlainType, sql = name): EventColumn => ({ name, type, sql });

/** What stands between the five texts, and within them for itself: no text of a log is then taken for two. */
const BETWEEN = ',';

const WHO = `concat(${['host', 'process', 'agent', 'type', 'event']
  .map((name) => `replace(replace(${name}, '%', '%25'), '${BETWEEN}', '%2C')`)
  .join(`, '${BETWEEN}', `)})`;

/** The columns of an event. `who`: host, process, agent, type and event, as splitWho reads them. */
export const EVENT_COLUMNS = [
  of('file', 'i32'),
  of('first_of_part', 'f64', 'part'),
  of('number_in_part', 'u32', 'number'),
  of('who', 'text', WHO),
  of('is_named', 'u8', 'named'),
  of('pid_or_none', 'i32', '#pid'),
  of('time_ms', 'f64', '@time'),
  of('stream', 'u32', 'sid'),
  of('code', 'u32', 'st'),
  of('timers_there', 'u8', 'timers'),
  of('total_ms', 'i32', 'pT'),
  of('reqT_ms', 'i32', '#reqT'),
  of('qT_ms', 'i32', '#qT'),
  of('wT_ms', 'i32', '#wT'),
  of('resT_ms', 'i32', '#resT'),
  of('idle_applets', 'u32', 'idles'),
  of('all_applets', 'u32', 'applets'),
  of('in_sending', 'u32', 'sending'),
  of('in_waiting', 'u32', 'waiting'),
  of('errors_so_far', 'f64', '%nb_error'),
  of('events_so_far', 'f64', '%nb_processed'),
] as const;

/** host, process, agent, type, event. */
export function splitWho(who: string): readonly string[] {
  return who.split(BETWEEN).map((text) => text.replaceAll('%2C', BETWEEN).replaceAll('%25', '%'));
}

/** Of a dialect what EventColumn.sql says. */
function columnOf(dialect: Dialect, sql: string): string {
  const name = sql.slice(1);
  if (sql.startsWith('@')) return dialect.ms(name);
  if (sql.startsWith('%')) return dialect.low53(name);
  if (sql.startsWith('#')) return `coalesce(${name}, ${name === 'pid' ? -1 : -2})`;
  return sql;
}

/** Values of a statement that is written. */
class Bound {
  readonly parameters: { [name: string]: string | number } = {};
  readonly #sql: Dialect;

  constructor(sql: Dialect) {
    this.#sql = sql;
  }

  text(name: string, value: string): string {
    this.parameters[name] = value;
    return this.#sql.parameter(name, 'text');
  }

  number(name: string, value: number): string {
    this.parameters[name] = value;
    return this.#sql.parameter(name, 'number');
  }

  texts(values: readonly string[], name = 'text'): string {
    return values.map((value, i) => this.text(`${name}${i}`, value)).join(', ');
  }
}

/** Files whose parts are asked for at once. */
function endOfPage(files: readonly StoredFile[], first: number): number {
  let parts = files[first]?.parts ?? 0;
  let end = first + 1;
  while (end < files.length && end - first < PAGE_FILES) {
    parts += files[end]?.parts ?? 0;
    if (parts > PAGE_PARTS) break;
    end++;
  }
  return end;
}

interface Range {
  readonly file: number;
  readonly first: number;
  readonly last: number;
}

/** Of each file the first line of its first part and the last one of its last: what says that it begins in between is of a part, or of none. */
function rangesOf(parts: readonly StoredPart[]): readonly Range[] {
  const ranges = new Map<number, Range>();
  for (const { file, firstLine, endLine } of parts)
    ranges.set(file, { file, first: ranges.get(file)?.first ?? firstLine, last: Math.max(firstLine, endLine - 1) });
  return [...ranges.values()];
}

function toStoredPart(row: EngineObject, file: number): StoredPart {
  const tables = String(row.tables).split(',');
  return {
    file,
    firstLine: Number(row.first_line),
    endLine: Number(row.end_line),
    state: String(row.state),
    hasEvents: tables.includes('spoe_events'),
    hasMinutes: tables.includes('spoe_minutes'),
    rows: Number(row.row_count),
    duplicates: Number(row.duplicates),
    untimed: Number(row.untimed),
    timeFrom: Number(row.from_ms),
    timeTo: Number(row.to_ms),
    loadedAt: Number(row.loaded_ms),
    details: String(row.details),
  };
}
