/**
 * What a value of a line is for. Formats only say where in the line the values stand; record-builder.ts makes the
 * record of them.
 */
export const Slot = {
  /** A value that is read over. */
  none: -1,
  clfTime: 0,
  isoTime: 1,
  /** Seconds since the epoch, perhaps with decimals. */
  epoch: 2,
  /** Milliseconds of a second that is another value. */
  millis: 3,
  /** Any of the forms above: JSON logs. */
  anyTime: 4,
  /** `GET /x HTTP/1.1` */
  request: 5,
  method: 6,
  /** Path and query. */
  target: 7,
  path: 8,
  /** The query, with or without its `?`. */
  query: 9,
  status: 10,
  termination: 11,
  server: 12,
  firstByteMs: 13,
  /** The times of nginx: one number for each upstream that was tried. */
  firstByteSeconds: 14,
  activeMs: 15,
  totalMs: 16,
  totalSeconds: 17,
  totalMicros: 18,
  /** Used where no total is logged. */
  upstreamSeconds: 19,
  id: 20,
  trace: 21,
  sid: 22,
  pid: 23,
  host: 24,
  error: 25,
  /** Names that mean two things, told apart by the value. */
  tr: 26,
  ts: 27,
  rt: 28,
  /** Total time of a JSON log: json-times.ts knows its unit, or says that it is unknown. */
  duration: 29,
  /** The members of the agent's record whose presence alone counts. */
  streamId: 30,
  frameId: 31,
  attempts: 32,
  /** Headers of the request in HAProxy's `{a|b}`. */
  captures: 33,
  /** Parent id of a trace, logged beside the trace id. */
  span: 34,
  /** Time to the first byte of a JSON log, in a unit like `duration`'s. */
  firstByte: 35,
  /** The destination in the agent's record. */
  destination: 36,
  message: 37,
  /** The last number of a group, of which it matters only that it is one: template-parts.ts. */
  lastOfGroup: 38,
  firstByteMicros: 39,
  /** The captures of the answer. */
  answerCaptures: 40,
  /** The bytes of the bodies. */
  requestBytes: 41,
  responseBytes: 42,
  /** What a line of the agent's record is of, and what it keeps of an answer: an object, as it is written. */
  kind: 43,
  answer: 44,
  /** The bytes of head and body of the answer together. */
  sentBytes: 45,
  /** The Content-Type of the answer. */
  contentType: 46,
  /** The agent's record: `true` where the body is not whole. */
  truncated: 47,
} as const;
export type Slot = (typeof Slot)[keyof typeof Slot];

export const SLOTS = 48;

/** The positions of the values of one line. */
export class Positions {
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(slots: number = SLOTS) {
    this.starts = new Int32Array(slots).fill(-1);
    this.ends = new Int32Array(slots);
  }

  clear(): void {
    this.starts.fill(-1);
  }

  set(slot: number, start: number, end: number): void {
    if (slot < 0) return;
    this.starts[slot] = start;
    this.ends[slot] = end;
  }

  unset(slot: number): void {
    if (slot >= 0) this.starts[slot] = -1;
  }

  has(slot: number): boolean {
    return (this.starts[slot] ?? -1) >= 0;
  }

  text(line: string, slot: number): string {
    const start = this.starts[slot] ?? -1;
    return start < 0 ? '' : line.slice(start, this.ends[slot]);
  }
}
