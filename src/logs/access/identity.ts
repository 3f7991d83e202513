/** The ids by which a line is paired. */

export interface Trace {
  /** 32 hex digits; empty without. */
  readonly traceId: string;
  /** 16 hex digits of the parent id; empty without. */
  readonly spanId: string;
}

export const NO_TRACE: Trace = { traceId: '', spanId: '' };

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:$|-)/;
const TRACEPARENT_LENGTH = 55;
const TRACE_ID = /^[0-9a-f]{32}$/;
/** Google's `trace`: `projects/p/traces/4bf9…`. */
const TRACE_NAME = /^projects\/[^/]{1,100}\/traces\//;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** Reads a traceparent (W3C Trace Context section 3.2), or a bare trace-id, which has no parent id. Zeros are no id. */
export function readTrace(text: string): Trace {
  if (text.length < 32) return NO_TRACE;
  const lower = text.toLowerCase().replace(TRACE_NAME, '');
  const [, traceId = TRACE_ID.test(lower) ? lower : '', spanId = ''] = TRACEPARENT.exec(lower) ?? [];
  return traceId === '' || isZero(traceId) ? NO_TRACE : { traceId, spanId: isZero(spanId) ? '' : spanId };
}

/** The 16 hex digits of a parent id that is logged on its own; empty without. */
export function readSpanId(text: string): string {
  const lower = text.toLowerCase();
  return SPAN_ID.test(lower) && !isZero(lower) ? lower : '';
}

function isZero(digits: string): boolean {
  return /^0*$/.test(digits);
}

/** The trace of HAProxy's captured headers, `curl/8|00-4bf9…-01`: of the first that is a traceparent. */
export function findTrace(captures: string): Trace {
  if (captures.length < TRACEPARENT_LENGTH) return NO_TRACE;
  for (const capture of captures.split('|'))
    if (capture.length >= TRACEPARENT_LENGTH && capture[2] === '-') return readTrace(capture);
  return NO_TRACE;
}

/** True when the hyphens of a traceparent stand at `start`: most ids are no traceparents, and this is seen at once. */
export function isTraceparentAt(line: string, start: number): boolean {
  return line.charCodeAt(start + 2) === HYPHEN && line.charCodeAt(start + 35) === HYPHEN;
}

const HYPHEN = 0x2d;

/** The stream number and process that a unique id holds. */
export interface DecodedId {
  readonly sid: number;
  readonly pid: number;
}

// The format that HAProxy's documentation gives, `%{+X}o\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid` (configuration.txt, unique-id-format).
// Addresses are 8 or 32 digits, `-` where there is none; numbers have at least four.
const ADDRESS = '(?:[0-9A-F]{8}|[0-9A-F]{32}|-|unix)';
const HEX = '[0-9A-F]{1,8}';
const DOCUMENTED = new RegExp(`^${ADDRESS}:${HEX}_${ADDRESS}:${HEX}_${HEX}_(${HEX}):(${HEX})$`);

/** The parts of a unique id; undefined for an id of another format. */
export function decodeUniqueId(id: string): DecodedId | undefined {
  const match = DOCUMENTED.exec(id);
  if (match === null) return undefined;
  const [, sid = '', pid = ''] = match;
  return { sid: Number.parseInt(sid, 16), pid: Number.parseInt(pid, 16) };
}

/** The first of HAProxy's captured headers that has the documented format, which nothing else has; empty without one. */
export function findUniqueId(captures: string): string {
  if (!captures.includes('_')) return '';
  return captures.split('|').find((capture) => DOCUMENTED.test(capture)) ?? '';
}

const CUT = new RegExp(
  `^${ADDRESS}:${HEX}_(?:${ADDRESS}(?::(?:${HEX}(?:_(?:${HEX}(?:_(?:${HEX}:?)?)?)?)?)?)?|[0-9A-F]*)$`,
);

/** True for the beginning of an id in the documented format: the line was cut within it. (In its last digits, it cannot be told.) */
export function isCutUniqueId(id: string): boolean {
  return id.length < 90 && CUT.test(id);
}
