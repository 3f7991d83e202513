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

/** The parts of a unique id; undefined for an id of another format. Does what DOCUMENTED says: every line has an id. */
export function decodeUniqueId(id: string): DecodedId | undefined {
  let at = endpointEnd(id, 0);
  if (id.charCodeAt(at) !== UNDERSCORE) return undefined;
  at = endpointEnd(id, at + 1);
  if (id.charCodeAt(at) !== UNDERSCORE) return undefined;
  at = hexEnd(id, at + 1, MAX_HEX);
  if (id.charCodeAt(at) !== UNDERSCORE) return undefined;
  const colon = hexEnd(id, at + 1, MAX_HEX);
  if (id.charCodeAt(colon) !== COLON || hexEnd(id, colon + 1, MAX_HEX) !== id.length) return undefined;
  return { sid: readHex(id, at + 1, colon), pid: readHex(id, colon + 1, id.length) };
}

const MAX_HEX = 8;
const COLON = 0x3a;
const UNDERSCORE = 0x5f;
/** No character is there. */
const NOWHERE = -1;

/** The index behind the address and port at `start`; NOWHERE where there are none. */
function endpointEnd(id: string, start: number): number {
  const end = addressEnd(id, start);
  return id.charCodeAt(end) === COLON ? hexEnd(id, end + 1, MAX_HEX) : NOWHERE;
}

function addressEnd(id: string, start: number): number {
  if (id.charCodeAt(start) === HYPHEN) return start + 1;
  if (id.startsWith('unix', start)) return start + 4;
  const end = hexEnd(id, start, 32);
  return end - start === 8 || end - start === 32 ? end : NOWHERE;
}

/** The index behind one to `most` digits at `start`, of which there are no more; NOWHERE otherwise. */
function hexEnd(id: string, start: number, most: number): number {
  let at = start;
  for (; at < id.length && at - start <= most; at++) {
    const code = id.charCodeAt(at);
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46))) break;
  }
  return at > start && at - start <= most ? at : NOWHERE;
}

/** Digits as hexEnd has found them. */
function readHex(id: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = id.charCodeAt(at);
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
