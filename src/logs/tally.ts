/** Counts of what a log consists of, besides the events: the numbers behind "log health". */

import { OwnLines, type OwnLinesState } from './own-lines.ts';

const MAX_MESSAGES = 100;
/** Most times that are kept, of the latest messages. */
export const MAX_OTHER_TIMES = 64;
const OTHER_MESSAGES = '(other messages)';
/** Hosts whose requests are told apart. */
const MAX_HOSTS = 256;

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
  /** Members from here on are absent in states of older versions. */
  readonly otherTimes?: readonly number[];
  readonly traffic?: TrafficState;
  readonly own?: OwnLinesState;
}

/** Requests that were logged, seen from the events. */
export interface TrafficState {
  /** Lines since the last event, in the order they were read. */
  readonly since: number;
  /** Epoch ms of the latest line of a request that was looked at; null without one. */
  readonly last: number | null;
  /** Requests at the end of an input without an event after them, and the latest one, by host where lines have one. */
  readonly hosts?: readonly HostRequests[];
  /** The last line says that a proxy stopped: epoch ms, null without a time. Absent where it says something else. */
  readonly stopped?: number | null;
}

export interface HostRequests {
  /** The host; empty where lines name none. */
  readonly host: string;
  readonly count: number;
  /** Epoch ms; null without a time. */
  readonly last: number | null;
}

/** Looks at the end of what was read when it is asked for. */
export interface AwaitedLook {
  look(): void;
  forget(): void;
}

export class LineTally {
  bytes = 0;
  lines = 0;
  /** Lines cut at the length bound. */
  overlong = 0;
  /** SPOE messages that are not events. */
  other = 0;
  /** Epoch ms of the latest of these, in order. */
  readonly otherTimes: number[] = [];
  malformed = 0;
  spoofed = 0;
  /** Lines that end in a whole event, behind a header that is not known. */
  headerNotRead = 0;
  /** The first, in the order of texts, of all headers that were not read: so it does not depend on the order of lines. */
  unreadHeader: string | undefined;
  /** Lines since the last event. */
  sinceEvent = 0;
  readonly #hosts = new Map<string, HostRequests>();
  #awaited: AwaitedLook | undefined;
  #isLookedAt = true;
  /** HAProxy's own lines. */
  readonly own = new OwnLines();
  /** The last line says that a proxy stopped; its epoch ms, null without a time. */
  #endsInStop: { readonly timeMs: number | null } | undefined;
  readonly #messages = new Map<string, number>();

  /** Counts a `SPOE:` message that is not an event; at most 100 different texts are kept apart. */
  countOther(message: string, timeMs?: number): void {
    this.other += 1;
    if (timeMs !== undefined) this.#addOtherTime(timeMs);
    this.#countMessage(message, 1);
  }

  #addOtherTime(timeMs: number): void {
    this.otherTimes.push(timeMs);
    this.otherTimes.sort((a, b) => a - b);
    if (this.otherTimes.length > MAX_OTHER_TIMES) this.otherTimes.shift();
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

  /** A sentence about lines whose header is not known; undefined without any. The example is text of the log. */
  describeUnread(): string | undefined {
    if (this.unreadHeader === undefined) return undefined;
    const lines = this.headerNotRead === 1 ? '1 line' : `${this.headerNotRead} lines, such as`;
    return `header not read (${lines} “${this.unreadHeader}SPOE: […”)`;
  }

  /** The next step about lines whose header is not known. */
  get unreadHint(): string {
    return OVER_SEVERAL_LINES.test(this.unreadHeader ?? '') ? ONE_LINE_HINT : PREFIX_HINT;
  }

  /** The end of what was read waits to be looked at. */
  awaitLook(ends: AwaitedLook): void {
    this.#awaited = ends;
    this.#isLookedAt = false;
  }

  #look(): void {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    this.#awaited?.look();
  }

  /** An input has ended. */
  endInput(): void {
    this.#look();
    this.#awaited?.forget();
    this.#awaited = undefined;
  }

  /** Sets the requests of a host: those at the end without an event after them. */
  setRequests(host: string, count: number, last: number | null): void {
    const before = this.#hosts.get(host);
    if (before === undefined && (count === 0 || this.#hosts.size >= MAX_HOSTS)) return;
    const latest = last === null ? (before?.last ?? null) : Math.max(last, before?.last ?? last);
    this.#hosts.set(host, { host, count, last: latest });
  }

  /** Requests of the lines that were looked at: the last ones of inputs. By name of the host. */
  get hosts(): readonly HostRequests[] {
    this.#look();
    return [...this.#hosts.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
  }

  /** Epoch ms of the latest of these; null without one. */
  get lastRequest(): number | null {
    return this.hosts.reduce<number | null>(
      (latest, { last }) => (last === null ? latest : Math.max(last, latest ?? last)),
      null,
    );
  }

  get endsInStop(): { readonly timeMs: number | null } | undefined {
    this.#look();
    return this.#endsInStop;
  }

  set endsInStop(stop: { readonly timeMs: number | null } | undefined) {
    this.#endsInStop = stop;
  }

  toState(): TallyState {
    const { bytes, lines, overlong, other, malformed, spoofed, sinceEvent, lastRequest, hosts } = this;
    const { endsInStop } = this;
    const traffic = { since: sinceEvent, last: lastRequest, hosts, ...(endsInStop && { stopped: endsInStop.timeMs }) };
    const { headerNotRead, unreadHeader } = this;
    return {
      ...{ bytes, lines, overlong, other, malformed, spoofed, messages: [...this.#messages] },
      ...(unreadHeader !== undefined && { headerNotRead, unreadHeader }),
      otherTimes: [...this.otherTimes],
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
    const { since = 0, last = null, hosts, stopped } = state.traffic ?? {};
    this.#look();
    if (state.lines > 0) this.endsInStop = stopped === undefined ? undefined : { timeMs: stopped };
    this.sinceEvent = since === state.lines ? this.sinceEvent + since : since;
    if (hosts !== undefined) for (const { host, count, last: latest } of hosts) this.setRequests(host, count, latest);
    else if (last !== null) this.setRequests('', 1, last);
    for (const timeMs of state.otherTimes ?? []) this.#addOtherTime(timeMs);
    if (state.own !== undefined) this.own.merge(state.own);
    for (const [message, count] of state.messages) this.#countMessage(message, count);
  }
}
