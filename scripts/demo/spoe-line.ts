/** The line HAProxy up to 3.0 writes when it is done with an event: doc/SPOE.txt, section 2.5 "Logging"; docs/LOGS.md. */
import { hostname } from 'node:os';

/** local0 with the level notice, or warning for an event that failed: RFC 5424, section 6.2.1. */
const NOTICE = 133;
const WARNING = 132;

/** An event: times in whole milliseconds. */
export interface EndedEvent {
  /** `on-frontend-http-request`, `on-http-response`. */
  readonly name: string;
  readonly sid: number;
  readonly st: number;
  /** The four phases. */
  readonly reqT: number;
  readonly qT: number;
  readonly wT: number;
  readonly resT: number;
  /** The whole. */
  readonly pT: number;
}

/** How it stood when the event ended. */
export interface Gauges {
  readonly idles: number;
  readonly applets: number;
  readonly nbSending: number;
  readonly nbWaiting: number;
  readonly nbError: number;
  readonly nbProcessed: number;
}

/** A phase that never ended. */
export const NEVER = -1;

export function formatSpoeLine(nowMs: number, event: EndedEvent, gauges: Gauges): string {
  const { name, sid, st, reqT, qT, wT, resT, pT } = event;
  const { idles, applets, nbSending, nbWaiting, nbError, nbProcessed } = gauges;
  const timers = `${reqT}/${qT}/${wT}/${resT}/${pT}`;
  const counts = `${idles}/${applets} ${nbSending}/${nbWaiting} ${nbError}/${nbProcessed}`;
  return `${logHeader(nowMs, st === 0 ? NOTICE : WARNING)} SPOE: [mirror] <EVENT:${name}> sid=${sid} st=${st} ${timers} ${counts}`;
}

/** RFC 5424. @param priority of local0 and a level */
export function logHeader(nowMs: number, priority: number): string {
  const time = new Date(nowMs).toISOString().replace('Z', '000+00:00');
  return `<${priority}>1 ${time} ${hostname()} haproxy ${process.pid} - -`;
}
