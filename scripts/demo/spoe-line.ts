/** The line HAProxy up to 3.0 writes when it is done with an event: doc/SPOE.txt, section 2.5 "Logging"; docs/LOGS.md. */
import { hostname } from 'node:os';

/** local0 with the level notice, or warning for an event that failed: RFC 5424, section 6.2.1. */
const NOTICE = 133;
const WARNING = 132;

/** An event: times in whole milliseconds. */
export interface EndedEvent {
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
  const { sid, st, reqT, qT, wT, resT, pT } = event;
  const { idles, applets, nbSending, nbWaiting, nbError, nbProcessed } = gauges;
  const time = new Date(nowMs).toISOString().replace('Z', '000+00:00');
  const header = `<${st === 0 ? NOTICE : WARNING}>1 ${time} ${hostname()} haproxy ${process.pid} - -`;
  const timers = `${reqT}/${qT}/${wT}/${resT}/${pT}`;
  const counts = `${idles}/${applets} ${nbSending}/${nbWaiting} ${nbError}/${nbProcessed}`;
  return `${header} SPOE: [mirror] <EVENT:on-frontend-http-request> sid=${sid} st=${st} ${timers} ${counts}`;
}
