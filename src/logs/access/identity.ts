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

/**
 * The parts of a unique id; undefined for an id of another format. Does what DOCUMENTED says: every line has an id. It may be a
 * part of its line, text[start, end), in which characters are found sooner than in a slice of it.
 */
export function decodeUniqueId(text: string, start = 0, end = text.length): DecodedId | undefined {
  let at = endpointEnd(text, start, end);
  if (at >= end || text.charCodeAt(at) !== UNDERSCORE) return undefined;
  at = endpointEnd(text, at + 1, end);
  if (at >= end || text.charCodeAt(at) !== UNDERSCORE) return undefined;
  at = hexEnd(text, at + 1, end, MAX_HEX);
  if (at >= end || text.charCodeAt(at) !== UNDERSCORE) return undefined;
  const colon = hexEnd(text, at + 1, end, MAX_HEX);
  if (colon >= end || text.charCodeAt(colon) !== COLON || hexEnd(text, colon + 1, end, MAX_HEX) !== end)
    return undefined;
  return { sid: readHex(text, at + 1, colon), pid: readHex(text, colon + 1, end) };
}

const MAX_HEX = 8;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;
const SMALL_U = 0x75;
/** No character is there. */
const NOWHERE = -1;

/** The index behind the address and port at `start`; NOWHERE where there are none. */
function endpointEnd(text: string, start: number, end: number): number {
  const colon = addressEnd(text, start, end);
  return colon < end && text.charCodeAt(colon) === COLON ? hexEnd(text, colon + 1, end, MAX_HEX) : NOWHERE;
}

function addressEnd(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start);
  if (first === HYPHEN) return start + 1;
  if (first === SMALL_U && text.startsWith('unix', start)) return start + 4;
  const at = hexEnd(text, start, end, 32);
  return at - start === 8 || at - start === 32 ? at : NOWHERE;
}

/** The index behind one to `most` digits at `start`, of which there are no more; NOWHERE otherwise. */
function hexEnd(text: string, start: number, end: number, most: number): number {
  let at = start;
  for (; at < end && at - start <= most; at++) {
    const code = text.charCodeAt(at);
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46))) break;
  }
  return at > start && at - start <= most ? at : NOWHERE;
}

/** Digits as hexEnd has found them. */
function readHex(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    value = 16 * value + (code <= 0x39 ? code - 0x30 : code - 0x37);
  }
  return value;
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
  return id.length < 90 && decodeUniqueId(id) === undefined && CUT.test(id);
}
