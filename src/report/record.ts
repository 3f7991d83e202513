/** One SPOE event as a record (spoe-logs/record/1): a JSON line, or a CSV row in the schema's order. */
import type { InterpretedLine } from '../logs/interpreter.ts';
import type { Counter, LineHeader, SpoeEvent } from '../logs/record.ts';
import { describeStatus } from '../status/describe.ts';
import { escapeCsv, escapeJson } from './escape.ts';

export interface LineSource {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Key order is the schema's. */
export interface SpoeRecord {
  readonly time?: string;
  readonly host?: string;
  readonly process?: string;
  readonly pid?: number;
  readonly agent: string;
  readonly type: SpoeEvent['type'];
  readonly name: string;
  readonly sid: number;
  readonly st: number;
  readonly status: {
    readonly origin: string;
    readonly name: string;
    readonly meaning: string;
    readonly documented?: string;
  };
  readonly reqT?: number;
  readonly qT?: number;
  readonly wT?: number;
  readonly resT?: number;
  readonly pT: number;
  readonly idles?: number;
  readonly applets?: number;
  readonly nbSending?: number;
  readonly nbWaiting?: number;
  readonly nbError: Counter;
  readonly nbProcessed: Counter;
  readonly source?: LineSource;
  readonly severity?: NonNullable<LineHeader['severity']>;
}

/** An event line, as a record; `source` only when it is wanted. */
export function toRecord({ parsed, timeMs }: EventLine, source?: LineSource): SpoeRecord {
  const { header, event } = parsed;
  const { host, process, pid, severity } = header;
  const { agent, type, name, sid, st, nbError, nbProcessed, pT, ...rest } = event;
  const { reqT, qT, wT, resT, idles, applets, nbSending, nbWaiting } = rest;
  const { origin, name: statusName, meaning, documented } = describeStatus(st);
  return {
    ...(timeMs !== undefined && { time: new Date(timeMs).toISOString() }),
    ...(host !== undefined && { host }),
    ...(process !== undefined && { process }),
    ...(pid !== undefined && { pid }),
    agent,
    type,
    name,
    sid,
    st,
    status: { origin, name: statusName, meaning, ...(documented !== undefined && { documented }) },
    ...(reqT !== undefined && { reqT }),
    ...(qT !== undefined && { qT }),
    ...(wT !== undefined && { wT }),
    ...(resT !== undefined && { resT }),
    pT,
    ...(idles !== undefined && { idles }),
    ...(applets !== undefined && { applets }),
    ...(nbSending !== undefined && { nbSending }),
    ...(nbWaiting !== undefined && { nbWaiting }),
    nbError,
    nbProcessed,
    ...(source && { source }),
    ...(severity !== undefined && { severity }),
  };
}

export type EventLine = InterpretedLine & { readonly parsed: { readonly kind: 'event' } };

/** One line with its newline. Counters past 2^53 are exact integer literals. */
export function renderRecordJson(record: SpoeRecord): string {
  const { nbError, nbProcessed } = record;
  const json = escapeJson(JSON.stringify(record, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
  if (typeof nbError === 'number' && typeof nbProcessed === 'number') return `${json}\n`;
  // Both are numbers at the end of the object's fixed part: no text of the log stands between these two names.
  return `${json.replace(/"nbError":[^,]+,"nbProcessed":[^,}]+/, `"nbError":${nbError},"nbProcessed":${nbProcessed}`)}\n`;
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
