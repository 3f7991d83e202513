/**
 * The rows of a comparison as an engine has them, in parts: all rows of one id are in one part, and parts come one after another.
 * What is heavy in memory (sorting by part, finding the requests that SPOE lines are of) is done there; what rows mean is not.
 */
import type { LoadRow } from '../tables/loaded-run.ts';
import { type Dialect, dialectOf } from './dialect.ts';
import { type Engine, type EngineRow, readObjects } from './engine.ts';

/** What rows of both sides are cut by: rows that share it are in one part. `line`: rows with the same bytes. */
export type PartKey = 'unique-id' | 'span' | 'trace' | 'stream' | 'hostless' | 'line';

/*
 * Rows of requests are: part, file, line, time (ms), host, pid, sid, unique_id, trace_id, span_id, method, target, status, first_byte_ms,
 * total_ms, body_bytes, sent_bytes, content_type, line_hash, unmistakable; behind these what their side has.
 */

/** The files of a run: their numbers are what rows have as file, from 1; other rows are none of the run. */
export interface RunFiles {
  readonly run: string;
  /** The load_id of each. */
  readonly loadIds: readonly string[];
  /** The number of the host of each, for lines that name none; the same for all where hosts are not to be told apart. */
  readonly hosts: readonly number[];
}

/** More are not told apart. */
const MOST_DESTINATIONS = 1000;

/** Conditions of rows that have an id of a kind. */
const KNOWN = {
  'unique-id': "unique_id <> ''",
  span: "trace_id <> '' AND span_id <> ''",
  trace: "trace_id <> ''",
  'pid+sid': 'pid >= 0 AND sid >= 0',
} as const;

export interface RunFacts {
  /** Whether any row has an id of the kind. */
  readonly production: { readonly [kind in keyof typeof KNOWN]: boolean };
  readonly mirror: RunFacts['production'];
  /** A row of the mirror has a host beside process and stream. */
  readonly isHostKnown: boolean;
  readonly hasAnswers: boolean;
  /** In the order in which they came. */
  readonly destinations: readonly string[];
}

/** As their lines would have been read, part by part. */
const IN_ORDER = 'part, c_file, c_line';

export class RunRows {
  readonly #engine: Engine;
  readonly #files: RunFiles;
  readonly #sql: Dialect;

  constructor(engine: Engine, files: RunFiles) {
    this.#engine = engine;
    this.#files = files;
    this.#sql = dialectOf(engine);
  }

  /** Rows of requests, with flags and termination. */
  production(key: PartKey, parts: number): AsyncGenerator<EngineRow> {
    return this.#rows(`${this.#request(key, parts)}, flags, termination FROM prod_requests`);
  }

  /** Rows of requests, with error, destination and answer. @param withAnswers else they are empty */
  mirror(key: PartKey, parts: number, withAnswers: boolean): AsyncGenerator<EngineRow> {
    const answer = withAnswers ? 'answer' : "'' AS c_answer";
    return this.#rows(`${this.#request(key, parts)}, error, destination, ${answer} FROM mirror_answers`);
  }

  /** Rows of part, file, line, unique_id, answer: cut by the unique id, whatever the others are cut by. */
  answers(parts: number): AsyncGenerator<EngineRow> {
    const part = this.#part('unique-id', parts, 'unique_id');
    return this.#rows(`${part}, ${this.#place}, unique_id, answer FROM prod_answers`);
  }

  /**
   * Rows of part, file, line, host, pid, sid, agent, type, event, st, line_hash, is_first: each line in the parts of the requests that it is of, where it is of any, and one of those is the
   * first one of them. Lines of a stream of which there is no request are in one part, so that it is seen which was the first.
   */
  spoe(key: PartKey, parts: number): AsyncGenerator<EngineRow> {
    const { double, either, leftJoin, settings } = this.#sql;
    // Aliases are names that no column has: ClickHouse takes an alias for the column where both have one name.
    const columns = `${this.#place}, host AS c_host, coalesce(pid, -1) AS c_pid, ${double('sid')} AS c_sid, agent, type, event, st, ${double('line_hash')} AS c_hash`;
    if (parts === 1) return this.#rows(`0 AS part, ${columns}, 1 AS is_first FROM spoe_streams`);
    const stream = `host AS s_host, ${this.#hostNumber} AS s_from, coalesce(pid, -1) AS s_pid, sid AS s_sid`;
    const requests = `SELECT ${stream}, ${this.#part(key, parts, 'line_hash')} FROM prod_requests WHERE ${this.#isOfRun} AND pid >= 0 AND sid >= 0`;
    const distinct = `SELECT s_host AS r_host, s_from AS r_from, s_pid AS r_pid, s_sid AS r_sid, part AS r_part,
      row_number() OVER (PARTITION BY s_host, s_from, s_pid, s_sid ORDER BY part) AS r_nth
      FROM (${requests}) AS requests GROUP BY s_host, s_from, s_pid, s_sid, part`;
    const lines = `SELECT ${columns}, ${stream}, ${this.#partOf('stream', parts, double('line_hash'))} AS own FROM spoe_streams WHERE ${this.#isOfRun}`;
    return this.#stream(`SELECT ${either('r_nth > 0', 'r_part', 'own')} AS part, c_file, c_line, c_host, c_pid, c_sid, agent, type, event, st,
      c_hash, ${either('r_nth > 1', '0', '1')} AS is_first
      FROM (${lines}) AS lines ${leftJoin} (${distinct}) AS requests
      ON s_host = r_host AND s_from = r_from AND s_pid = r_pid AND s_sid = r_sid
      ORDER BY ${IN_ORDER}${settings}`);
  }

  /** What the rows have, as numbers: how many of each kind of id, of hosts, and of answers. */
  async facts(): Promise<RunFacts> {
    const { double } = this.#sql;
    const counted = Object.entries(KNOWN).map(
      ([name, condition]) => `${double(`count(CASE WHEN ${condition} THEN 1 END)`)} AS "c_${name}"`,
    );
    const count = async (table: string, more: readonly string[]) => {
      const [row] = await readObjects(
        this.#engine,
        `SELECT ${[...counted, ...more].join(', ')} FROM ${table} WHERE ${this.#isOfRun}`,
      );
      const has = Object.fromEntries(Object.keys(KNOWN).map((name) => [name, Number(row?.[`c_${name}`]) > 0]));
      return { row, has: has as RunFacts['production'] };
    };
    const production = await count('prod_requests', []);
    const mirror = await count('mirror_answers', [
      `${double("count(CASE WHEN host <> '' AND pid >= 0 AND sid >= 0 THEN 1 END)")} AS c_hosts`,
      `${double("count(CASE WHEN answer <> '' THEN 1 END)")} AS c_answers`,
    ]);
    const order = `min(${this.#sql.indexOf(this.#files.loadIds, 'source')} * 1e12 + line)`;
    const destinations = await readObjects(
      this.#engine,
      `SELECT destination, ${order} AS c_order FROM mirror_answers WHERE ${this.#isOfRun} GROUP BY destination ORDER BY c_order LIMIT ${MOST_DESTINATIONS}`,
    );
    return {
      production: production.has,
      mirror: mirror.has,
      isHostKnown: Number(mirror.row?.c_hosts) > 0,
      hasAnswers: Number(mirror.row?.c_answers) > 0,
      destinations: destinations.map(({ destination }) => String(destination)),
    };
  }

  async *#stream(sql: string): AsyncGenerator<EngineRow> {
    const { rows } = await this.#engine.query(sql);
    yield* rows;
  }

  /** @param selected columns and table */
  #rows(selected: string): AsyncGenerator<EngineRow> {
    const { settings } = this.#sql;
    return this.#stream(`SELECT ${selected} WHERE ${this.#isOfRun} ORDER BY ${IN_ORDER}${settings}`);
  }

  #request(key: PartKey, parts: number): string {
    const { double, ms } = this.#sql;
    return [
      ...[
        this.#part(key, parts, 'line_hash'),
        this.#place,
        `${double(ms('time'))} AS c_time`,
        'host',
        'coalesce(pid, -1) AS c_pid',
      ],
      ...[`${double('coalesce(sid, -1)')} AS c_sid`, 'unique_id', 'trace_id', 'span_id', 'method', 'target', 'status'],
      ...[
        'first_byte_ms',
        'total_ms',
        'body_bytes',
        'sent_bytes',
        'content_type',
        `${double('line_hash')} AS c_hash`,
        'unmistakable',
      ],
    ].join(', ');
  }

  /** The part of a row. @param rest what a row without the key is cut by: not all of them can be in one */
  #part(key: PartKey, parts: number, rest: string): string {
    return `${parts === 1 ? '0' : this.#partOf(key, parts, rest)} AS part`;
  }

  #partOf(key: PartKey, parts: number, rest: string): string {
    const { text, either, hashed } = this.#sql;
    const [isKnown, value] = {
      'unique-id': [KNOWN['unique-id'], 'unique_id'],
      span: [KNOWN.span, 'concat(trace_id, span_id)'],
      trace: [KNOWN.trace, 'trace_id'],
      stream: [
        KNOWN['pid+sid'],
        `concat(host, ' ', ${text(this.#hostNumber)}, ' ', ${text('pid')}, ' ', ${text('sid')})`,
      ],
      hostless: [KNOWN['pid+sid'], `concat(${text('pid')}, ' ', ${text('sid')})`],
      line: ['false', "''"],
    }[key] as [string, string];
    return hashed(either(isKnown, value, text(rest)), parts);
  }

  get #isOfRun(): string {
    return this.#sql.isText('run', this.#files.run);
  }

  get #place(): string {
    const { double, indexOf } = this.#sql;
    return `${indexOf(this.#files.loadIds, 'source')} AS c_file, ${double('line')} AS c_line`;
  }

  /** Where a line without a host is from, as a number. */
  get #hostNumber(): string {
    const { hosts, loadIds } = this.#files;
    if (new Set(hosts).size < 2) return '0';
    const { either, indexOf } = this.#sql;
    return either("host = ''", `[${hosts.join(', ')}][${indexOf(loadIds, 'source')}]`, '0');
  }
}

/** The rows of spoe_loads that are of a run; none of a run that was never loaded. */
export async function readLoads(engine: Engine, run: string): Promise<LoadRow[]> {
  const { double, ms, loads, isText } = dialectOf(engine);
  const rows = await readObjects(
    engine,
    `SELECT load_id, first_line, state, role, host, path, rows, details, ${double(ms('loaded_at'))} AS loaded_ms
      FROM ${loads} AS l WHERE ${isText('run', run)}`,
  );
  return rows.map(({ load_id, first_line, state, role, host, path, rows, details, loaded_ms }) => ({
    ...{ load_id: String(load_id), first_line: Number(first_line), state: String(state), role: String(role) },
    ...{ host: String(host), path: String(path), rows: Number(rows), details: String(details) },
    loaded_at: Number(loaded_ms),
  }));
}

/** More are not named. */
const MOST_RUNS = 1000;

/** The names of runs that were loaded, by name. */
export async function readRuns(engine: Engine): Promise<string[]> {
  const { loads } = dialectOf(engine);
  const rows = await readObjects(
    engine,
    `SELECT DISTINCT run FROM ${loads} AS l WHERE run <> '' ORDER BY run LIMIT ${MOST_RUNS}`,
  );
  return rows.map(({ run }) => String(run));
}
