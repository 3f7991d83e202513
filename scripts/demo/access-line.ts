/** The line of a request in HAProxy's HTTP log, with ` %ID %rt` behind it, as the configuration of a real one says here. */
import { logHeader } from './spoe-line.ts';

/** local0 with the level info: RFC 5424, section 6.2.1. */
const INFO = 134;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly uniqueId: string;
  readonly sid: number;
  /** Milliseconds since 1970, and until the answer was out. */
  readonly acceptedMs: number;
  readonly totalMs: number;
}

export function formatAccessLine(nowMs: number, request: AnsweredRequest): string {
  const { method, path, status, bytes, uniqueId, sid, acceptedMs, totalMs } = request;
  const what = `${status} ${bytes} - - ---- 1/1/0/0/0 0/0 "${method} ${path} HTTP/1.1" ${uniqueId} ${sid}`;
  return `${logHeader(nowMs, INFO)} unix:1 [${acceptDate(acceptedMs)}] production servers/server1 0/0/0/0/${totalMs} ${what}`;
}

/** `%tr`: `27/Nov/2026:02:18:18.123`. */
function acceptDate(ms: number): string {
  const [year, month, day, clock] = new Date(ms).toISOString().split(/[-TZ]/);
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock}`;
}
