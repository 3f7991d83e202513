/** A request target as the segments of a route: what names one thing among many of its kind becomes `{…}`. */

export const WILDCARD = '{…}';
/** Deeper parts of a path are one segment. */
const MAX_SEGMENTS = 16;
const MAX_SEGMENT_LENGTH = 100;
/** The end of a target that is not kept whole. */
const CUT = '…';

/**
 * The path of a target: no scheme, authority, query or fragment.
 * `https://shop.example/orders/17?x=1` → `/orders/17`; `*` stays; what is empty is `/`.
 */
export function pathOf(target: string): string {
  const start = startOfPath(target);
  let end = target.length;
  for (let i = start; i < end; i++) {
    const code = target.charCodeAt(i);
    if (code === QUESTION_MARK || code === NUMBER_SIGN) end = i;
  }
  return start === end ? '/' : target.slice(start, end);
}

const QUESTION_MARK = 0x3f;
const NUMBER_SIGN = 0x23;
const SLASH = 0x2f;

// RFC 3986, section 3.1; an absolute form is what HTTP/2 clients of HAProxy and proxies send.
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

function startOfPath(target: string): number {
  if (target.charCodeAt(0) === SLASH) return 0;
  const scheme = ABSOLUTE.exec(target);
  if (scheme === null) return 0;
  const end = target.slice(scheme[0].length).search(/[/?#]/);
  return end < 0 ? target.length : scheme[0].length + end;
}

/** `/orders/17/items` → orders, {…}, items. Parameters (`;jsessionid=…`) are dropped. */
export function segmentsOf(path: string): string[] {
  const parts = (path.startsWith('/') ? path.slice(1) : path).split('/');
  const kept = parts.length > MAX_SEGMENTS ? [...parts.slice(0, MAX_SEGMENTS - 1), WILDCARD] : parts;
  const segments = kept.map(generalize);
  // What is left of a segment that was cut names nothing.
  if (path.endsWith(CUT)) segments[segments.length - 1] = WILDCARD;
  return segments;
}

function generalize(part: string): string {
  const parameters = part.indexOf(';');
  const segment = parameters < 0 ? part : part.slice(0, parameters);
  if (segment.length > MAX_SEGMENT_LENGTH) return WILDCARD;
  // Words, which most segments are, are done with one look.
  if (/^[A-Za-z_.-]*$/.test(segment) && segment.length < LONG_TOKEN) return segment;
  const text = segment.includes('%') ? decode(segment) : segment;
  return IDENTIFIERS.some((pattern) => pattern.test(text)) ? WILDCARD : segment;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Letters alone are a word below this length. */
const LONG_TOKEN = 16;

const IDENTIFIERS: readonly RegExp[] = [
  // Numbers, also signed, with decimals, or in a list: 17, -3.5, 17,18
  /^[-+]?\d+(?:[.,]\d+)*$/,
  /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i,
  // Hashes, object ids: hexadecimal with a digit in it.
  /^(?=[a-f]*\d)[0-9a-f]{7,}$/i,
  /^(?:0x)[0-9a-f]+$/i,
  // ULID: Crockford's base 32.
  /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i,
  // Dates and times: 2026-11, 2026-11-22, 2026-11-22T07:20:40Z, 22.11.2026
  /^\d{4}-\d\d(?:-\d\d)?(?:[T_ ]\d\d[:.-]?\d\d.*)?$/,
  /^\d{1,2}[.-]\d{1,2}[.-]\d{4}$/,
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  // Numbered and dated files: 0012.png, IMG_0012.tar.gz, report-2026-11-22.pdf
  /^(?:[A-Za-z]+[-_]?)?\d+(?:[-_]\d+)*(?:\.[A-Za-z][A-Za-z0-9]{0,4}){1,2}$/,
  // Files named by a hash.
  /^(?:[A-Za-z]+[-_.])?(?=[a-f]*\d)[0-9a-f]{8,}(?:\.[A-Za-z][A-Za-z0-9]{0,4}){1,2}$/i,
  // Prefixed numbers: user_17, ORD-2041, INV0002041
  /^[A-Za-z]{1,16}(?:[-_:]\d+|\d{5,})$/,
  // Tokens: letters turn into digits or back three times, which words with a version in them do not.
  /^(?=(?:.*?(?:[A-Za-z](?=\d)|\d(?=[A-Za-z]))){3})[A-Za-z0-9_~=+.-]{16,}$/,
];
