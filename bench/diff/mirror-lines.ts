/** What the mirror side writes: the agent's records, the log of a HAProxy or of an nginx before the new version. */
import { acceptDate, header, logDate, loggedRequestLine, noticeLine } from './haproxy-lines.ts';

export const MIRROR_FORMATS = ['agent-jsonl', 'haproxy-httplog', 'combined'] as const;
export type MirrorFormat = (typeof MIRROR_FORMATS)[number];

/** How a mirrored request ended: one of the two is null. */
export interface Outcome {
  readonly status: number | null;
  /** A code of the agent. */
  readonly error: string | null;
}

/** What a line of the mirror tells. */
export interface Exchange extends Outcome {
  /** Production's; empty where it is not known. */
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly destination?: string | undefined;
  readonly bytes: number;
  readonly serial: number;
  /** By the mirror's clock. */
  readonly atMs: number;
  /** Milliseconds. */
  readonly ttfb: number;
  readonly total: number;
}

const ENGINE = 'f99bf845-db0e-4a5a-8c62-1f3b3ed6807d';
const MIRROR_PROXY = { host: 'mirror1', pid: 77 };
const AGENT = '10.200.0.5';
/** What a proxy before the new version logs where the agent records an error. */
const STATUS_OF_ERROR = new Map([
  ['timeout', 504],
  ['reset', 502],
  ['connect-refused', 503],
]);
/** What HAProxy logs beside these: termination state, whether there was a first byte. */
const FAILURES = new Map([
  [502, 'SH--'],
  [503, 'SC--'],
  [504, 'sH--'],
]);

/** Errors of requests that were never written to a connection. */
const UNSENT: ReadonlySet<string> = new Set([
  'connect-refused',
  'dropped-queue-full',
  'dropped-max-rate',
  'skipped-truncated',
  'shutdown',
]);

const milliseconds = (ms: number) => Math.round(ms * 1000) / 1000;

/** The same answer as this format can tell of it. */
export function asLogged({ status, error }: Outcome, format: MirrorFormat): Outcome {
  if (format === 'agent-jsonl' || error === null) return { status, error };
  const told = STATUS_OF_ERROR.get(error);
  if (told === undefined) throw new Error(`${format} has no status for ${error}`);
  return { status: told, error: null };
}

/** When the record says the request came, in milliseconds; nginx writes the second of its end. */
export function loggedTime({ atMs, total }: Pick<Exchange, 'atMs' | 'total'>, format: MirrorFormat): number {
  return format === 'combined' ? Math.floor((atMs + total) / 1000) * 1000 : Math.floor(atMs);
}

let recordSecond = Number.NaN;
let recordSecondText = '';

function isoTime(ms: number): string {
  const at = Math.floor(ms / 1000);
  if (at !== recordSecond) {
    recordSecond = at;
    recordSecondText = new Date(at * 1000).toISOString().slice(0, 20);
  }
  return `${recordSecondText}${String(Math.floor(ms) % 1000).padStart(3, '0')}Z`;
}

/** HEAD, 204 and 304 have no body. */
function bodyBytes({ method, status, error, bytes }: Exchange): number {
  return error !== null || method === 'HEAD' || status === 204 || status === 304 ? 0 : bytes;
}

function agentRecord(exchange: Exchange): string {
  const { id, method, target, destination, status, error, ttfb, total, atMs, serial } = exchange;
  const path = /["\\]/.test(target) ? JSON.stringify(target) : `"${target}"`;
  const isUnsent = error !== null && UNSENT.has(error);
  const outcome =
    error === null
      ? `"status":${status},"ttfb_ms":${milliseconds(ttfb)},"latency_ms":${milliseconds(total)}`
      : `"status":null,"ttfb_ms":null,"latency_ms":${isUnsent ? null : milliseconds(total)}`;
  return (
    `{"ts":"${isoTime(atMs)}","message":"mirror","engine_id":"${ENGINE}","stream_id":${serial},"frame_id":1,` +
    `${id === '' ? '' : `"unique_id":"${id}",`}"method":"${method}","path":${path},` +
    `${destination === undefined ? '' : `"destination":"${destination}",`}${outcome},"request_bytes":0,` +
    `"response_bytes":${bodyBytes(exchange)},"truncated":false,"attempts":${isUnsent ? 0 : 1},` +
    `"error":${error === null ? null : `"${error}"`}}`
  );
}

/** `%ID` of that HAProxy is the id of production's, from a header; `%rt` is its own. */
function httplogLine({ id, method, target, status, ttfb, total, bytes, atMs, serial }: Exchange): string {
  const termination = (status === null ? undefined : FAILURES.get(status)) ?? '----';
  const failed = termination !== '----';
  const whole = Math.round(total);
  const timers =
    status === 503 ? `0/0/-1/-1/${whole}` : `0/0/0/${failed ? -1 : Math.min(Math.round(ttfb), whole)}/${whole}`;
  return (
    `${header(atMs + total, MIRROR_PROXY)}${AGENT}:${10_000 + (serial % 50_000)} [${acceptDate(atMs)}] fe_mirror ` +
    `be_next/next1 ${timers} ${status} ${bytes} - - ${termination} 3/3/1/1/0 0/0 ` +
    `"${loggedRequestLine(method, target, 'HTTP/1.1')}" ${id === '' ? '-' : id} ${serial}`
  );
}

function combinedLine(exchange: Exchange): string {
  const { id, method, target, status, total, atMs } = exchange;
  const escaped = target.replaceAll('"', '\\x22');
  return (
    `${AGENT} - - [${logDate(atMs + total)} +0000] "${method} ${escaped} HTTP/1.1" ${status} ${bodyBytes(exchange)} "-" ` +
    `"curl/8.5.0" "${id === '' ? '-' : id}" ${(total / 1000).toFixed(3)}`
  );
}

const RENDERERS = { 'agent-jsonl': agentRecord, 'haproxy-httplog': httplogLine, combined: combinedLine };

export function mirrorLine(exchange: Exchange, format: MirrorFormat): string {
  return RENDERERS[format](exchange);
}

/** A line that is none of the format: a record torn in two, or what the program says besides. */
export function strangeLine(exchange: Exchange, format: MirrorFormat): string {
  if (format === 'agent-jsonl') return agentRecord(exchange).slice(0, 90);
  if (format === 'haproxy-httplog') return noticeLine(MIRROR_PROXY, exchange.atMs, exchange.serial);
  return `${isoTime(exchange.atMs).slice(0, 10).replaceAll('-', '/')} 06:00:00 [error] 77#77: *${exchange.serial} upstream timed out (110: Connection timed out) while reading response header from upstream`;
}
