/** What the agent's record says about one destination of the mirror, in constant memory. */
import { Histogram, type HistogramState } from '../sketch/histogram.ts';
import { isFailure, isNeverSent, isRefusal, SAMPLED_OUT } from '../status/mirror-errors.ts';
import { FailureTimes, type FailureTimesState } from './failure-times.ts';
import { isAnswered, MirrorHistory, type MirrorHistoryState, NO_STATUS } from './mirror-history.ts';
import { finite, type Occurrence, Occurrences } from './occurrences.ts';
import { RecentEvents, type RecentState } from './recent-events.ts';

/** One request of the record. */
export interface MirroredRequest {
  /** Epoch ms; NaN without a time. */
  readonly timeMs: number;
  /** The status of the answer; -1 when none came. */
  readonly status: number;
  /** The agent's error code; empty without one. */
  readonly error: string;
  /** Time to the first byte in ms; NaN where it is not known. */
  readonly firstByteMs: number;
  readonly totalMs: number;
  /** -1 where it is not known. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** It was sent with its body cut by HAProxy's buffer. */
  readonly isSentCut?: boolean;
}

/** Kinds of trouble whose times are kept apart: what is of now is not what was hours ago. */
export const TROUBLES = ['failed', 'refused', 'slow', 'dropped'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** An answer that takes longer than this many ms is slow. A convention: what a service may take is for --fail-on to say. */
export const SLOW_ANSWER_MS = 1000;
/** Most error codes that are counted. The agent has 19; others may be the text of another program's log. */
export const MAX_ERRORS = 64;
export const OTHER_ERRORS = '(other)';
/** The histograms count microseconds: exact below 2 ms, within 0.05 % above, up to 71 minutes. */
export const PER_MS = 1000;

export interface AnswerOccurrence extends Occurrence {
  readonly status: number;
}

export interface ErrorOccurrence extends Occurrence {
  readonly error: string;
}

/** Requests that were sent with their body cut. */
export interface SentCutCounts {
  readonly count: number;
  /** Answered with a redirect or a client error: what else should the mirror say to half a body? */
  readonly refused: number;
}

export interface MirrorTallyState {
  readonly requests: number;
  readonly statuses: readonly AnswerOccurrence[];
  readonly errors: readonly ErrorOccurrence[];
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly latency: HistogramState;
  readonly firstByte: HistogramState;
  readonly troubles: { readonly [trouble in Trouble]: FailureTimesState };
  /** The latest requests; absent in states of older versions. */
  readonly recent?: RecentState;
  /** Absent likewise. */
  readonly sentCut?: SentCutCounts;
  /** Epoch ms; null without times. */
  readonly from: number | null;
  readonly to: number | null;
}

export class MirrorTally {
  requests = 0;
  /** Bytes of the requests' bodies. */
  requestBytes = 0;
  responseBytes = 0;
  /** µs. */
  readonly latency = new Histogram();
  readonly firstByte = new Histogram();
  /** Requests in that trouble: of `dropped` among all, of the others among those that were sent. */
  readonly troubles: { readonly [trouble in Trouble]: FailureTimes } = {
    failed: new FailureTimes(),
    refused: new FailureTimes(),
    slow: new FailureTimes(),
    dropped: new FailureTimes(),
  };
  /** Epoch ms of the first and last request; infinite without times. */
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  /** Requests that were sent, in the order of the record. */
  readonly recent = new RecentEvents();
  #sentCut: SentCutCounts = { count: 0, refused: 0 };
  readonly #statuses = new Map<number, Occurrences>();
  readonly #errors = new Map<string, Occurrences>();

  add(request: MirroredRequest): void {
    const { timeMs, error, status } = request;
    this.requests += 1;
    if (request.requestBytes > 0) this.requestBytes += request.requestBytes;
    if (request.responseBytes > 0) this.responseBytes += request.responseBytes;
    if (timeMs < this.from) this.from = timeMs;
    if (timeMs > this.to) this.to = timeMs;
    const isAnswer = isAnswered(request);
    if (isAnswer) {
      this.#status(status).add(timeMs);
      addMs(this.latency, request.totalMs);
      addMs(this.firstByte, request.firstByteMs);
    } else this.#error(error === '' ? NO_STATUS : error).add(timeMs);
    const wasSent = !isNeverSent(error);
    if (error !== SAMPLED_OUT) note(this.troubles.dropped, timeMs, !wasSent);
    if (!wasSent) return;
    const failed = !isAnswer || isFailure(status);
    note(this.troubles.failed, timeMs, failed);
    const refused = !failed && isRefusal(status);
    // What a mirror says to half a body is no refusal of production's requests.
    if (request.isSentCut === true) this.#addSentCut({ count: 1, refused: refused ? 1 : 0 });
    else note(this.troubles.refused, timeMs, refused);
    note(this.troubles.slow, timeMs, !failed && request.totalMs > SLOW_ANSWER_MS);
    this.recent.add(timeMs, failed);
  }

  #addSentCut({ count, refused }: SentCutCounts): void {
    this.#sentCut = { count: this.#sentCut.count + count, refused: this.#sentCut.refused + refused };
  }

  get sentCut(): SentCutCounts {
    return this.#sentCut;
  }

  #status(status: number): Occurrences {
    let known = this.#statuses.get(status);
    if (known === undefined) {
      known = new Occurrences();
      this.#statuses.set(status, known);
    }
    return known;
  }

  #error(error: string): Occurrences {
    const name = this.#errors.has(error) || this.#errors.size < MAX_ERRORS ? error : OTHER_ERRORS;
    let known = this.#errors.get(name);
    if (known === undefined) {
      known = new Occurrences();
      this.#errors.set(name, known);
    }
    return known;
  }

  /** Statuses by count, then code. */
  get statuses(): readonly AnswerOccurrence[] {
    return [...this.#statuses]
      .map(([status, seen]) => ({ status, ...seen.toState() }))
      .sort((a, b) => b.count - a.count || a.status - b.status);
  }

  /** Errors by count, then code. */
  get errors(): readonly ErrorOccurrence[] {
    return [...this.#errors]
      .map(([error, seen]) => ({ error, ...seen.toState() }))
      .sort((a, b) => b.count - a.count || (a.error < b.error ? -1 : 1));
  }

  toState(): MirrorTallyState {
    const { requests, statuses, errors, requestBytes, responseBytes, troubles } = this;
    return {
      requests,
      statuses,
      errors,
      requestBytes,
      responseBytes,
      latency: this.latency.toState(),
      firstByte: this.firstByte.toState(),
      troubles: {
        failed: troubles.failed.toState(),
        refused: troubles.refused.toState(),
        slow: troubles.slow.toState(),
        dropped: troubles.dropped.toState(),
      },
      recent: this.recent.toState(),
      ...(this.#sentCut.count > 0 && { sentCut: this.#sentCut }),
      from: finite(this.from),
      to: finite(this.to),
    };
  }

  merge(state: MirrorTallyState): void {
    this.requests += state.requests;
    this.requestBytes += state.requestBytes;
    this.responseBytes += state.responseBytes;
    for (const { status, ...seen } of state.statuses) this.#status(status).merge(seen);
    for (const { error, ...seen } of state.errors) this.#error(error).merge(seen);
    this.latency.merge(state.latency);
    this.firstByte.merge(state.firstByte);
    for (const trouble of TROUBLES) this.troubles[trouble].merge(state.troubles[trouble]);
    if (state.recent !== undefined) this.recent.merge(state.recent, false);
    if (state.sentCut !== undefined) this.#addSentCut(state.sentCut);
    this.from = Math.min(this.from, state.from ?? this.from);
    this.to = Math.max(this.to, state.to ?? this.to);
  }
}

/** @param timeMs NaN where it is not known */
function note(times: FailureTimes, timeMs: number, isSo: boolean): void {
  if (Number.isNaN(timeMs)) times.addUntimed(isSo);
  else times.add(timeMs, isSo);
}

function addMs(histogram: Histogram, ms: number): void {
  if (ms >= 0) histogram.add(Math.round(ms * PER_MS), 1);
}

/** Different destinations counted apart: an agent has a few, a record may say anything. */
export const MAX_DESTINATIONS = 64;
export const OTHER_DESTINATIONS = '(other)';

export interface MirrorState {
  readonly files: readonly string[];
  readonly lines: number;
  readonly unread: number;
  readonly filtered: number;
  readonly destinations: readonly { readonly destination: string; readonly tally: MirrorTallyState }[];
  /** What it answered step by step; absent in states of older versions. */
  readonly history?: MirrorHistoryState;
}

/** The agent's record, destination by destination; all of them are the mirror. */
export class MirrorRecordTally {
  readonly files: string[] = [];
  lines = 0;
  /** Lines that are no request. */
  unread = 0;
  /** Why nothing of the record is read, unless it is empty: `is not there yet`. */
  absent: string | undefined;
  /** Requests that --since and --until left out. */
  filtered = 0;
  /** What it answered step by step, of all destinations; undefined unless it is kept. */
  readonly history: MirrorHistory | undefined;
  /** Tallies by origin; empty where the agent has one destination. */
  readonly #destinations = new Map<string, MirrorTally>();

  /** @param options `history`: whether what it answered is also kept step by step, for charts */
  constructor(options: { readonly history?: boolean } = {}) {
    this.history = options.history === true ? new MirrorHistory() : undefined;
  }

  /** Begins another file. */
  beginInput(): void {
    for (const { recent } of this.#destinations.values()) recent.beginInput();
  }

  add(destination: string, request: MirroredRequest): void {
    this.#find(destination).add(request);
    this.history?.add(request);
  }

  #find(destination: string): MirrorTally {
    const isKnown = this.#destinations.has(destination) || this.#destinations.size < MAX_DESTINATIONS;
    const name = isKnown ? destination : OTHER_DESTINATIONS;
    let tally = this.#destinations.get(name);
    if (tally === undefined) {
      tally = new MirrorTally();
      this.#destinations.set(name, tally);
    }
    return tally;
  }

  /** Tallies by name of the destination. */
  get destinations(): readonly { readonly destination: string; readonly tally: MirrorTally }[] {
    return [...this.#destinations]
      .map(([destination, tally]) => ({ destination, tally }))
      .sort((a, b) => (a.destination < b.destination ? -1 : 1));
  }

  get requests(): number {
    let sum = 0;
    for (const { requests } of this.#destinations.values()) sum += requests;
    return sum;
  }

  /** Epoch ms of the first and last request; undefined without times. */
  get window(): { readonly from: number; readonly to: number } | undefined {
    const tallies = [...this.#destinations.values()];
    const from = Math.min(...tallies.map((tally) => tally.from));
    const to = Math.max(...tallies.map((tally) => tally.to));
    return from <= to ? { from, to } : undefined;
  }

  /** All destinations as one. */
  total(): MirrorTally {
    const total = new MirrorTally();
    for (const { tally } of this.destinations) total.merge(tally.toState());
    return total;
  }

  toState(): MirrorState {
    const { files, lines, unread, filtered } = this;
    const destinations = this.destinations.map(({ destination, tally }) => ({ destination, tally: tally.toState() }));
    const history = this.history?.toState();
    return { files: [...files], lines, unread, filtered, destinations, ...(history && { history }) };
  }

  merge(state: MirrorState): void {
    this.files.push(...state.files);
    this.lines += state.lines;
    this.unread += state.unread;
    this.filtered += state.filtered;
    for (const { destination, tally } of state.destinations) this.#find(destination).merge(tally);
    if (state.history !== undefined) this.history?.merge(state.history);
  }
}
