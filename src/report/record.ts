/** One SPOE event as a record (spoe-logs/record/1): a JSON line, or a CSV row in the schema's order. */
import type { InterpretedLine } from '../logs/interpreter.ts';
import type { Counter, LineHeader, SpoeEvent } from '../logs/record.ts';
import { describeStatus } from '../status/describe.ts';
import { escapeJson } from '../text/json.ts';
import { escapeCsv } from './escape.ts';

export interface RecordSource {
  readonly file: string;
  /** The number of the line, from 1. */
  readonly line: number;
}

/** Key order is the schema's; what a line does not carry is undefined, and left out of the text. */
export interface SpoeRecord {
  readonly time: string | undefined;
  readonly host: string | undefined;
  readonly process: string | undefined;
  readonly pid: number | undefined;
  readonly agent: string;
  readonly type: SpoeEvent['type'];
  readonly name: string;
  readonly sid: number;
  readonly st: number;
  readonly status: RecordStatus;
  readonly reqT: number | undefined;
  readonly qT: number | undefined;
  readonly wT: number | undefined;
  readonly resT: number | undefined;
  readonly pT: number;
  readonly idles: number | undefined;
  readonly applets: number | undefined;
  readonly nbSending: number | undefined;
  readonly nbWaiting: number | undefined;
  readonly nbError: Counter;
  readonly nbProcessed: Counter;
  readonly source: RecordSource | undefined;
  readonly severity: LineHeader['severity'] | undefined;
}

interface RecordStatus {
  readonly origin: string;
  readonly name: string;
  readonly meaning: string;
  readonly documented: string | undefined;
}

/**
 * An event line, as a record; `source` only when it is wanted. Written out field by field: spreading conditional parts
 * together would take most of the time of `spoe-logs parse`.
 */
export function toRecord({ parsed, timeMs }: EventLine, source?: RecordSource): SpoeRecord {
  const { header, event } = parsed;
  return {
    time: timeMs === undefined ? undefined : new Date(timeMs).toISOString(),
    host: header.host,
    process: header.process,
    pid: header.pid,
    agent: event.agent,
    type: event.type,
    name: event.name,
    sid: event.sid,
    st: event.st,
    status: recordStatus(event.st),
    reqT: event.reqT,
    qT: event.qT,
    wT: event.wT,
    resT: event.resT,
    pT: event.pT,
    idles: event.idles,
    applets: event.applets,
    nbSending: event.nbSending,
    nbWaiting: event.nbWaiting,
    nbError: event.nbError,
    nbProcessed: event.nbProcessed,
    source,
    severity: header.severity,
  };
}

function recordStatus(st: number): RecordStatus {
  const { origin, name, meaning, documented } = describeStatus(st);
  return { origin, name, meaning, documented };
}

export type EventLine = InterpretedLine & { readonly parsed: { readonly kind: 'event' } };

/** One line with its newline. Counters past 2^53 are exact integer literals. */
export function renderRecordJson(record: SpoeRecord): string {
  const { nbError, nbProcessed } = record;
  if (typeof nbError === 'number' && typeof nbProcessed === 'number') return `${escapeJson(JSON.stringify(record))}\n`;
  const json = escapeJson(JSON.stringify({ ...record, nbError: 0, nbProcessed: 0 }));
  // Quotes in a text of the log are escaped in JSON: this finds the two keys and nothing else.
  return `${json.replace('"nbError":0,"nbProcessed":0', `"nbError":${nbError},"nbProcessed":${nbProcessed}`)}\n`;
}

const COLUMNS = [
  'time',
  'host',
  'process',
  'pid',
  'agent',
  'type',
  'name',
  'sid',
  'st',
  'status_origin',
  'status_name',
  'status_meaning',
  'status_documented',
  'reqT',
  'qT',
  'wT',
  'resT',
  'pT',
  'idles',
  'applets',
  'nbSending',
  'nbWaiting',
  'nbError',
  'nbProcessed',
] as const;

/** The header row with its newline. */
export function csvHeader(withSource: boolean): string {
  return `${[...COLUMNS, ...(withSource ? ['source_file', 'source_line'] : []), 'severity'].join(',')}\n`;
}

/** One row (RFC 4180, ended by a newline); what a line does not carry is empty. */
export function renderRecordCsv(record: SpoeRecord, withSource: boolean): string {
  const { status, source, severity, ...rest } = record;
  const fields: Record<string, string | number | bigint | undefined> = {
    ...rest,
    status_origin: status.origin,
    status_name: status.name,
    status_meaning: status.meaning,
    status_documented: status.documented,
  };
  const values = [
    ...COLUMNS.map((column) => fields[column]),
    ...(withSource ? [source?.file, source?.line] : []),
    severity,
  ];
  return `${values.map(csvField).join(',')}\n`;
}

function csvField(value: string | number | bigint | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? escapeCsv(value) : String(value);
}
