/** What a log consists of, besides the events: the numbers behind "log health". */

import { OwnLines, type OwnLinesState } from './own-lines.ts';

const MAX_MESSAGES = 100;
const OTHER_MESSAGES = '(other messages)';

/** A member of an object that is written over several lines. */
const OVER_SEVERAL_LINES = /^\s*"?[@\w.-]+"? *(?::|=>|=) *"/;
const ONE_LINE_HINT =
  'have each record written on one line: journalctl -o json, jq -c . FILE, codec => json_lines (docs/LOGS.md lists what is read)';
const PREFIX_HINT =
  "let what writes them leave out its prefix, or cut it off: sed 's/^PREFIX//' (docs/LOGS.md lists what is read)";

export interface TallyState {
  readonly bytes: number;
  readonly lines: number;
  readonly overlong: number;
  readonly other: number;
  readonly malformed: number;
  readonly spoofed: number;
  readonly messages: readonly (readonly [string, number])[];
  /** States of earlier versions have neither. */
  readonly headerNotRead?: number;
  readonly unreadHeader?: string;
  /** What follows is absent in states of older versions. */
  readonly traffic?: TrafficState;
  readonly own?: OwnLinesState;
}

/** Requests that were logged, seen from the events. */
export interface TrafficState {
  /** Lines since the last event, in the order they were read. */
  readonly since: number;
  /** Epoch ms of the latest line of a request that was looked at; null without one. */
  readonly last: number | null;
  /** The last line says that a proxy stopped: epoch ms, null without a time. Absent where it says something else. */
  readonly stopped?: number | null;
}

export class LineTally {
  bytes = 0;
  lines = 0;
  /** Lines cut at the length bound. */
  overlong = 0;
  /** SPOE messages that are not events. */
  other = 0;
  malformed = 0;
  spoofed = 0;
  /** Lines that end in a whole event, behind a header that is not known. */
  headerNotRead = 0;
  /** What stands before one of these events: the first of all in the order of texts, so that the order of lines is none. */
  unreadHeader: string | undefined;
  /** Lines since the last event. */
  sinceEvent = 0;
  /** Epoch ms of the latest line of a request, of those that were looked at: the last ones of blocks. */
  lastRequest: number | null = null;
  /** What HAProxy says about itself. */
  readonly own = new OwnLines();
  /** The last line says that a proxy stopped; its epoch ms, null without a time. */
  endsInStop: { readonly timeMs: number | null } | undefined;
  readonly #messages = new Map<string, number>();

  /** Counts a `SPOE:` message that is not an event; at most 100 different texts are kept apart. */
  countOther(message: string): void {
    this.other += 1;
    this.#countMessage(message, 1);
  }

  /** `before`: what stands before the event, at most 120 characters as they are in the line. */
  countUnread(before: string): void {
    this.headerNotRead += 1;
    if (this.unreadHeader === undefined || before < this.unreadHeader) this.unreadHeader = before;
  }

  #countMessage(message: string, times: number): void {
    const known = this.#messages.has(message) || this.#messages.size < MAX_MESSAGES;
    const text = known ? message : OTHER_MESSAGES;
    this.#messages.set(text, (this.#messages.get(text) ?? 0) + times);
  }

  /** The most frequent other messages, by count, then text. */
  topMessages(limit: number): { message: string; count: number }[] {
    return [...this.#messages]
      .map(([message, count]) => ({ message, count }))
      .sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1))
      .slice(0, limit);
  }

  /** What a person is told of lines whose header is not known; undefined without any. The example is text of the log. */
  describeUnread(): string | undefined {
    if (this.unreadHeader === undefined) return undefined;
    const lines = this.headerNotRead === 1 ? '1 line' : `${this.headerNotRead} lines, such as`;
    return `header not read (${lines} “${this.unreadHeader}SPOE: […”)`;
  }

  /** What to do about lines whose header is not known. */
  get unreadHint(): string {
    return OVER_SEVERAL_LINES.test(this.unreadHeader ?? '') ? ONE_LINE_HINT : PREFIX_HINT;
  }

  /** A line of a request was seen. */
  addRequest(timeMs: number): void {
    this.lastRequest = Math.max(timeMs, this.lastRequest ?? timeMs);
  }

  toState(): TallyState {
    const { bytes, lines, overlong, other, malformed, spoofed, sinceEvent, lastRequest } = this;
    const { endsInStop } = this;
    const traffic = { since: sinceEvent, last: lastRequest, ...(endsInStop && { stopped: endsInStop.timeMs }) };
    const { headerNotRead, unreadHeader } = this;
    return {
      ...{ bytes, lines, overlong, other, malformed, spoofed, messages: [...this.#messages] },
      ...(unreadHeader !== undefined && { headerNotRead, unreadHeader }),
      traffic,
      own: this.own.toState(),
    };
  }

  merge(state: TallyState): void {
    this.bytes += state.bytes;
    this.lines += state.lines;
    this.overlong += state.overlong;
    this.other += state.other;
    this.malformed += state.malformed;
    this.spoofed += state.spoofed;
    if (state.unreadHeader !== undefined) {
      this.countUnread(state.unreadHeader);
      this.headerNotRead += (state.headerNotRead ?? 1) - 1;
    }
    // A part without any event goes on where the one before ended.
    const { since = 0, last = null, stopped } = state.traffic ?? {};
    if (state.lines > 0) this.endsInStop = stopped === undefined ? undefined : { timeMs: stopped };
    this.sinceEvent = since === state.lines ? this.sinceEvent + since : since;
    if (last !== null) this.addRequest(last);
    if (state.own !== undefined) this.own.merge(state.own);
    for (const [message, count] of state.messages) this.#countMessage(message, count);
  }
}
