/**
 * The shapes the log half passes on: what one line of a log turned out to be.
 * Field names follow HAProxy's doc/SPOE.txt, section "Logging".
 */

/** A counter HAProxy prints as an unsigned 64-bit number: bigint only where a double would lose digits. */
export type Counter = number | bigint;

export type EventType = 'EVENT' | 'GROUP';

export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * The message part of one SPOE line.
 *
 * HAProxy <= 3.0 writes five timers and four gauges, HAProxy >= 3.1 only pT: there reqT … nbWaiting are absent.
 * Timers are in milliseconds; -1 means that the phase was interrupted before it ended.
 */
export interface SpoeEvent {
  readonly agent: string;
  readonly type: EventType;
  readonly name: string;
  readonly sid: number;
  readonly st: number;
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
}

/**
 * The time a header carries, before it is known which moment that is.
 * `local` is RFC 3164: no year, and mostly no zone. `absolute` is milliseconds since the epoch.
 */
export type HeaderTime =
  | {
      readonly kind: 'local';
      /** 1–12 */
      readonly month: number;
      readonly day: number;
      readonly hour: number;
      readonly minute: number;
      readonly second: number;
      readonly ms: number;
      /** Minutes east of Greenwich, where a line states a zone and no year. */
      readonly zoneMinutes?: number;
    }
  | { readonly kind: 'absolute'; readonly epochMs: number };

/** The header of a line: every part is optional, because HAProxy's raw format has none. */
export interface LineHeader {
  readonly time?: HeaderTime;
  readonly host?: string;
  readonly process?: string;
  readonly pid?: number;
  readonly severity?: Severity;
  /** The namespace, container or task, where the line names one: it tells sources of one host and pid apart. Never shown. */
  readonly scope?: string;
}

/** A parsed line, which is exactly one of these; `torn` on an event says that a cut line was glued before it. */
export type ParsedLine =
  | {
      readonly kind: 'event';
      readonly header: LineHeader;
      readonly event: SpoeEvent;
      /** `message repeated N times: […]` stands for N events; 1 otherwise. */
      readonly repeat: number;
      /** True when a torn SPOE line was glued before this one: one malformed line besides the event. */
      readonly torn: boolean;
    }
  | { readonly kind: 'other'; readonly header: LineHeader; readonly agent?: string; readonly text: string }
  | { readonly kind: 'malformed'; readonly header: LineHeader }
  | { readonly kind: 'spoofed' }
  /** The line ends in a whole event, behind a header that is not known; `before` is its beginning, as it stands there. */
  | { readonly kind: 'unread'; readonly before: string }
  | { readonly kind: 'none' };
