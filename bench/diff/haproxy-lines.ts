/** Lines as HAProxy 2.6 to 3.2 write them; each form was seen from the real program. */
import type { Client, HaproxyProcess } from './site.ts';

/** HAProxy's, in milliseconds; -1 for what did not come to its end. */
export interface Timers {
  readonly TR: number;
  readonly Tw: number;
  readonly Tc: number;
  readonly Tr: number;
  readonly Ta: number;
}

/** What is in the access line of a request. */
export interface LoggedRequest {
  readonly process: HaproxyProcess;
  readonly sid: number;
  readonly acceptMs: number;
  readonly client: Client;
  readonly front: string;
  readonly backend: string;
  readonly server: string;
  readonly timers: Timers;
  readonly status: number;
  readonly bytes: number;
  readonly termination: string;
  readonly counts: string;
  readonly captures?: string | undefined;
  /** HAProxy could not read the request. */
  readonly malformed?: boolean;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly id: string;
  /** `whole`, or how it was lost: `dash`, `cut-within` (the request line), `cut-after` it. */
  readonly loggedId: 'whole' | 'dash' | 'cut-within' | 'cut-after';
}

/** One event of the SPOE. */
export interface SpoeEvent {
  readonly agent: keyof HaproxyProcess['spoe'];
  readonly event: string;
  readonly st: number;
  /** Milliseconds. */
  readonly took: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** tune.http.logurilen: of a longer request line this much is logged, before it is escaped, and then the quote. */
const LONGEST_REQUEST_LINE = 1023;
/** What `len 1024`, the default, leaves of a line without its <PRI>. */
const LONGEST_LINE = 1018;

const two = (n: number) => (n < 10 ? `0${n}` : `${n}`);

interface Second {
  readonly header: string;
  readonly date: string;
}

/** The texts of a second are made once: lines of few seconds are under way at a time. */
const seconds = new Map<number, Second>();
const MOST_SECONDS = 256;

function textsOf(ms: number): Second {
  const at = Math.floor(ms / 1000);
  const known = seconds.get(at);
  if (known !== undefined) return known;
  const date = new Date(at * 1000);
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const month = MONTHS[date.getUTCMonth()];
  const texts = {
    header: `${month} ${String(date.getUTCDate()).padStart(2)} ${clock}`,
    date: `${two(date.getUTCDate())}/${month}/${date.getUTCFullYear()}:${clock}`,
  };
  if (seconds.size >= MOST_SECONDS) seconds.clear();
  seconds.set(at, texts);
  return texts;
}

/** `20/Nov/2026:06:00:00` */
export function logDate(ms: number): string {
  return textsOf(ms).date;
}

/** `Nov 20 06:00:00 lb1 haproxy[576]: ` */
export function header(ms: number, { host, pid }: Pick<HaproxyProcess, 'host' | 'pid'>): string {
  return `${textsOf(ms).header} ${host} haproxy[${pid}]: `;
}

/** `20/Nov/2026:06:00:00.123` */
export function acceptDate(ms: number): string {
  return `${logDate(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

/** The request line between its quotes: cut, then escaped. */
export function loggedRequestLine(method: string, target: string, version: string): string {
  const line = `${method} ${target} ${version}`;
  const cut = line.length > LONGEST_REQUEST_LINE ? line.slice(0, LONGEST_REQUEST_LINE) : line;
  return /["#]/.test(cut) ? cut.replace(/["#]/g, (sign) => (sign === '"' ? '#22' : '#23')) : cut;
}

/** Everything before the request line. */
function accessHead(request: LoggedRequest, process: HaproxyProcess): string {
  const { client, acceptMs, front, backend, server, timers, status, bytes, termination, captures } = request;
  const { TR, Tw, Tc, Tr, Ta } = timers;
  const shown = captures === undefined ? '' : `{shop.example|${captures}} {} `;
  return (
    `${header(acceptMs + Math.max(Ta, 0), process)}${client.text}:${client.port} [${acceptDate(acceptMs)}] ` +
    `${front} ${backend}/${server} ${TR}/${Tw}/${Tc}/${Tr}/${Ta} ${status} ${bytes} - - ${termination} ` +
    `${request.counts} ${shown}"`
  );
}

/** `… "GET / HTTP/1.1" ID RT`: httplog and ` %ID %rt`. */
export function accessLine(request: LoggedRequest, process = request.process, sid = request.sid): string {
  const head = accessHead(request, process);
  if (request.malformed) return `${head}<BADREQ>" - ${sid}`;
  const { method, version, id, loggedId } = request;
  if (loggedId === 'cut-after') return cutAfterRequestLine(head, request);
  const line = `${head}${loggedRequestLine(method, request.target, version)}" ${loggedId === 'dash' ? '-' : id} ${sid}`;
  return loggedId === 'cut-within' ? line.slice(0, LONGEST_LINE) : line;
}

/** `len 1024` can cut just there: the query is as long as it takes. Sometimes the space is left, sometimes not. */
function cutAfterRequestLine(head: string, { method, target, version, sid }: LoggedRequest): string {
  const line = (pad: number) => `${head}${method} ${target}${'p'.repeat(pad)} ${version}"`;
  return sid % 2 === 0 ? line(LONGEST_LINE - line(0).length) : `${line(LONGEST_LINE - 1 - line(0).length)} `;
}

/** Timers of HAProxy <= 3.0 for the failures: reqT/qT/wT/resT/pT. */
function legacyTimers(st: number, took: number): string {
  if (st === 0) return `0/0/${took}/0/${took}`;
  return st === 1 ? `0/0/-1/-1/${took}` : `0/0/${took}/-1/${took}`;
}

/** Counts as HAProxy does, so that no two lines of a process are the same. */
export function spoeLine(
  { process, sid }: Pick<LoggedRequest, 'process' | 'sid'>,
  { agent, event, st, took }: SpoeEvent,
  atMs: number,
): string {
  const counters = process.spoe[agent];
  counters.processed++;
  if (st !== 0) counters.failed++;
  const head = `${header(atMs, process)}SPOE: [${agent}] <EVENT:${event}> sid=${sid} st=${st}`;
  const counted = `${counters.failed}/${counters.processed}`;
  return process.modern
    ? `${head} ${took} ${counted}`
    : `${head} ${legacyTimers(st, took)} 5/5 0/${sid % 3} ${counted}`;
}

/** What HAProxy says besides; no two are the same. */
export function noticeLine(process: Pick<HaproxyProcess, 'host' | 'pid'>, atMs: number, n: number): string {
  return `${header(atMs, process)}${notice(n)}`;
}

function notice(n: number): string {
  if (n % 3 === 0)
    return `Server be_shop/srv${1 + (n % 3)} is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: ${n}ms. 2 active and 0 backup servers left. ${n} sessions active, 0 requeued, 0 remaining in queue.`;
  if (n % 3 === 1)
    return `Server be_shop/srv${1 + (n % 3)} is UP, reason: Layer7 check passed, code: 200, check duration: ${n}ms. 3 active and 0 backup servers online. 0 sessions requeued, ${n} total in queue.`;
  return `Proxy fe_main stopped (cumulated conns: FE: ${n}, BE: 0).`;
}
