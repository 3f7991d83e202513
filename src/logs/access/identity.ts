/** What a line is paired by. */

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const NO_TRACE = '0'.repeat(32);

/** The 32 hex digits of a traceparent (W3C Trace Context section 3.2) or of a bare trace-id; empty without. */
export function readTraceId(text: string): string {
  if (text.length < 32) return '';
  const lower = text.toLowerCase();
  const id = TRACEPARENT.exec(lower)?.[1] ?? (TRACE_ID.test(lower) ? lower : NO_TRACE);
  return id === NO_TRACE ? '' : id;
}

/** The trace-id of HAProxy's captured headers, `curl/8|00-4bf9…-01`: of the first that is a traceparent. */
export function findTraceId(captures: string): string {
  if (captures.length < 55) return '';
  for (const capture of captures.split('|'))
    if (capture.length >= 55 && capture[2] === '-') return readTraceId(capture);
  return '';
}

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

/** Undefined for an id of another format. */
export function decodeUniqueId(id: string): DecodedId | undefined {
  const match = DOCUMENTED.exec(id);
  if (match === null) return undefined;
  const [, sid = '', pid = ''] = match;
  return { sid: Number.parseInt(sid, 16), pid: Number.parseInt(pid, 16) };
}

const CUT = new RegExp(
  `^${ADDRESS}:${HEX}_(?:${ADDRESS}(?::(?:${HEX}(?:_(?:${HEX}(?:_(?:${HEX}:?)?)?)?)?)?)?|[0-9A-F]*)$`,
);

/** True for the beginning of an id in the documented format: the line was cut within it. (In its last digits, it cannot be told.) */
export function isCutUniqueId(id: string): boolean {
  return id.length < 90 && CUT.test(id);
}
