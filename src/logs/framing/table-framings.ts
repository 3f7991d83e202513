/**
 * Lines whose text is one of several values that are no JSON: cells of CSV and TSV, pairs of logfmt, hashes of Ruby. One entry
 * for each; to read another one, add an entry: its example is its test, and its row in docs/LOGS.md. What an entry finds is
 * read as the members of JSON are (json-framings.ts).
 *
 * An access line may be written this way, too, and then a value is what a client sent. So all values besides the
 * line have to be of the kind that shippers write: a time, names, numbers that are no status.
 */
import { monthNumber } from '../month-names.ts';
import type { FramingVariant } from './framings.ts';

export interface TableFraming extends Pick<FramingVariant, 'name' | 'yields' | 'seen'> {
  /** The values of a line by the names that json-framings.ts knows; undefined when it is not of this kind. */
  readonly open: (line: string) => Readonly<Record<string, unknown>> | undefined;
  readonly example: (line: string) => string;
}

const NOON = '2024-03-07T12:00:01.000Z';
const NOON_MS = '2024-03-07T12:00:01.123Z';

export const TABLE_FRAMINGS: readonly TableFraming[] = [
  {
    name: 'CSV',
    open: (line) => openCells(line, ','),
    example: (line) => `"2024-03-07T12:00:01.123Z","lb1","haproxy",${quoted(line)}`,
    yields: { time: NOON_MS, host: 'lb1', process: 'haproxy' },
    seen: 'exports of Graylog, Datadog, CloudWatch Insights, Splunk, Sumo Logic: a time, names, numbers and the line',
  },
  {
    name: 'CSV of Kibana',
    open: (line) => openCells(line, ','),
    example: (line) => `"Mar 7, 2024 @ 12:00:01.123",${quoted(line)}`,
    yields: { time: NOON_MS },
    seen: 'Kibana, OpenSearch Dashboards',
  },
  {
    name: 'CSV of Grafana',
    open: (line) => openCells(line, ','),
    example: (line) => `1709812801123,${quoted(line)},1`,
    yields: { time: NOON_MS },
    seen: 'Grafana "download as CSV", Sumo Logic: milliseconds or nanoseconds',
  },
  {
    name: 'CSV of lnav',
    open: (line) => openCells(line, ','),
    example: (line) => `12,2024-03-07 12:00:01.123,info,lb1,haproxy,7,${line.includes('"') ? quoted(line) : line}`,
    yields: { time: NOON_MS, host: 'lb1', process: 'haproxy', pid: 7, severity: 'info' },
    seen: 'lnav :write-csv-to',
  },
  {
    name: 'TSV',
    open: (line) => openCells(line, '\t'),
    example: (line) => `2024-03-07T12:00:01.123Z\tinfo\t7711\t${line}`,
    yields: { time: NOON_MS, severity: 'info' },
    seen: 'sqlite3 -tabs, jq @tsv, BigQuery and Log Analytics exports',
  },
  {
    name: 'logfmt',
    open: openLogfmt,
    example: (line) => `time=2024-03-07T12:00:01Z level=info host=lb1 msg=${JSON.stringify(line)}`,
    yields: { time: NOON, host: 'lb1', severity: 'info' },
    seen: 'Go programs, Grafana Agent, Loki; keys of a request are not read',
  },
  {
    name: 'fluent-bit stdout',
    open: openFluentBit,
    example: (line) =>
      `[3] kube.haproxy: [[1709812801.123456789, {}], {"log"=>${JSON.stringify(line)}, "stream"=>"stdout"}]`,
    yields: { time: NOON_MS },
    seen: 'the stdout output of fluent-bit',
  },
  {
    name: 'rubydebug',
    open: openRuby,
    example: (line) =>
      `{ "@timestamp" => 2024-03-07T12:00:01Z, "message" => ${JSON.stringify(line)}, "host" => "lb1" }`,
    yields: { time: NOON, host: 'lb1' },
    seen: 'the stdout output of logstash, also over several lines',
  },
  {
    name: "the Collector's debug exporter",
    open: (line) => {
      const message = /^ *(?:-> )?Body: Str\((.*)\)$/s.exec(line)?.[1];
      return message === undefined ? undefined : { message };
    },
    example: (line) => `Body: Str(${line})`,
    yields: {},
    seen: 'OpenTelemetry: the line of a record that holds its body; its time is elsewhere',
  },
];

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

// ── cells ─────────────────────────────────────────────────────────────────────────────────────────────────────

const MAX_CELLS = 16;
const ISO_CELL = /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?$/;
const EPOCH_CELL = /^1\d{12}$|^1\d{18}$|^1\d{9}\.\d{1,9}$/;
const KIBANA_CELL = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) @ (\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/;
const NAME_CELL = /^[A-Za-z_](?:[\w.@+-]*\w)?$/;
const LEVEL_CELL = /^(?:emerg|alert|crit(?:ical)?|err(?:or)?|warn(?:ing)?|notice|info|debug|ok)$/i;
const METHOD_CELL = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT|PRI)$/;
const PROCESS_CELL = /^(?:haproxy|hapee)[\w-]*$/;
const NUMBER_CELL = /^\d{1,12}$/;
/** A status: only as the number of a line, in front. */
const STATUS_CELL = /^[1-5]\d\d$/;

/** The longest cell is the line; every other one has to be plain, and a time the first, but for the number of the line. */
function openCells(line: string, delimiter: string): Readonly<Record<string, unknown>> | undefined {
  const cells = splitCells(line, delimiter);
  if (cells === undefined) return undefined;
  const place = cells.reduce((longest, cell, i) => (cell.length > (cells[longest] ?? '').length ? i : longest), 0);
  const fields: Record<string, unknown> = { message: cells[place] };
  for (const [i, cell] of cells.entries()) {
    if (i === place || cell === '') continue;
    const mayBeTime = i === 0 || (i === 1 && NUMBER_CELL.test(cells[0] ?? ''));
    const time = mayBeTime ? readTimeCell(cell) : undefined;
    if (time !== undefined) fields.time = time;
    else if (LEVEL_CELL.test(cell)) fields.level = cell;
    else if (PROCESS_CELL.test(cell)) fields.program ??= cell;
    else if (METHOD_CELL.test(cell)) return undefined;
    else if (NAME_CELL.test(cell)) fields.host ??= cell;
    else if (!NUMBER_CELL.test(cell) || (STATUS_CELL.test(cell) && i > 0)) return undefined;
    else if (PROCESS_CELL.test(cells[i - 1] ?? '')) fields.pid = cell;
  }
  return fields.time === undefined ? undefined : fields;
}

function readTimeCell(cell: string): string | undefined {
  if (ISO_CELL.test(cell) || EPOCH_CELL.test(cell)) return cell;
  const [, month = '', day = '', year = '', clock = ''] = KIBANA_CELL.exec(cell) ?? [];
  const number = monthNumber(month);
  return number === undefined ? undefined : `${year}-${pad(number)}-${pad(day)}T${clock}`;
}

function pad(number: number | string): string {
  return String(number).padStart(2, '0');
}

/** RFC 4180; between tabs, where three cells are the fewest, nothing is quoted. Undefined for a line that is no row. */
function splitCells(line: string, delimiter: string): readonly string[] | undefined {
  if (!line.includes(delimiter)) return undefined;
  if (delimiter === '\t') {
    const cells = line.split(delimiter, MAX_CELLS + 1);
    const isRow = cells.length > 2 && cells.length <= MAX_CELLS && !cells.some((cell) => cell.startsWith('"'));
    return isRow ? cells : undefined;
  }
  const cells: string[] = [];
  for (let at = 0; cells.length < MAX_CELLS; ) {
    let end: number;
    if (line[at] === '"') {
      end = closingQuote(line, at + 1);
      if (end < 0) return undefined;
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'));
      end += 1;
    } else {
      end = line.indexOf(delimiter, at);
      if (end < 0) end = line.length;
      const cell = line.slice(at, end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
    }
    if (end === line.length) return cells.length > 1 ? cells : undefined;
    if (line[end] !== delimiter) return undefined;
    at = end + 1;
  }
  return undefined;
}

function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) if (line[at + 1] !== '"') return at;
  return -1;
}

// ── pairs ─────────────────────────────────────────────────────────────────────────────────────────────────────

const PAIR = /([A-Za-z_@][\w.@-]{0,60})=("(?:\\.|[^"\\])*"|[^\s"]*)(?: +|$)/y;
const MAX_PAIRS = 32;
/** Others may be a client's. */
const KEYS = new Set(
  (
    'time ts timestamp t level lvl severity host hostname instance pod namespace container app service component job stream ' +
    'source caller logger pid program msg message log line'
  ).split(' '),
);

function openLogfmt(line: string): Readonly<Record<string, unknown>> | undefined {
  const fields: Record<string, unknown> = {};
  let at = 0;
  for (let count = 0; at < line.length; count += 1) {
    PAIR.lastIndex = at;
    const [, key = '', value = ''] = PAIR.exec(line) ?? [];
    if (!KEYS.has(key) || Object.hasOwn(fields, key) || count >= MAX_PAIRS) return undefined;
    fields[key] = value.startsWith('"') ? (parseJson(value) ?? value.slice(1, -1)) : value;
    at = PAIR.lastIndex;
  }
  return fields;
}

// ── hashes of Ruby ────────────────────────────────────────────────────────────────────────────────────────────

const FLUENT_BIT =
  /^\[\d{1,9}\] [\w.*/-]{1,300}: \[(?:\[(\d{10}\.\d{1,9}), \{[^{}]*\}\]|(\d{10}\.\d{1,9})), (\{.*\})\]$/s;

function openFluentBit(line: string): Readonly<Record<string, unknown>> | undefined {
  const [, time, olderTime, hash] = FLUENT_BIT.exec(line) ?? [];
  const fields = hash === undefined ? undefined : openRuby(hash);
  return fields && { date: Number(time ?? olderTime), ...fields };
}

const RUBY_TOKEN = /"(?:\\.|[^"\\])*"|=>|\bnil\b|\d{4}-\d\d-\d\dT[\d:.]{8,18}Z/gs;

/** `{ "a" => "b", "c" => nil, "d" => 2024-03-07T12:00:01Z }` */
function openRuby(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(line) || !line.includes('=>')) return undefined;
  const json = line.replace(RUBY_TOKEN, (token) => {
    if (token.startsWith('"')) return token;
    return token === '=>' ? ':' : token === 'nil' ? 'null' : `"${token}"`;
  });
  const value = parseJson(json);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
