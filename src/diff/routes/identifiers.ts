/** What names one thing among many of its kind and can be told from its look alone. */

export const WILDCARD = '{…}';
const MAX_SEGMENT_LENGTH = 100;
/** Small letters alone are a word below this length. */
export const LONG_TOKEN = 16;
/** Shorter ones are too often something else: `x86_64`, `h264`. */
const SHORTEST_TOKEN = 8;

/**
 * Extensions that say what a build made it for: `main.{…}.js` and `main.{…}.css` are two things, while any picture may
 * be `.png` or `.webp`.
 */
const CODE_EXTENSION = /(?:\.(?:chunk|bundle|min|module|esm|umd|legacy|async))*\.(?:[cm]?js|css)(?:\.map)?$/;

/** `17` → `{…}`, `main.3b18e51f.js` → `main.{…}.js`, `orders` stays. Of a segment as it is in a path, `%`-encoded. */
export function generalForm(segment: string): string {
  // Words, which most segments are, are done with one look.
  if (segment.length < LONG_TOKEN && /^[a-z_-]*$/.test(segment)) return segment;
  if (segment.length > MAX_SEGMENT_LENGTH) return WILDCARD;
  const text = segment.includes('%') ? decode(segment) : segment;
  const patterns = /\d/.test(text) ? WITH_DIGITS : WITHOUT_DIGITS;
  if (patterns.some((pattern) => pattern.test(text)) || isRandom(text) || isPrefixedToken(text)) return WILDCARD;
  // A key as OData writes it: Orders(17)
  const keyed = /^([A-Za-z_]\w*)\([^()]+\)$/.exec(text);
  if (keyed !== null) return `${keyed[1]}(${WILDCARD})`;
  if (!text.includes('.')) return segment;
  const extension = CODE_EXTENSION.exec(text);
  return extension === null ? segment : (buildFile(text.slice(0, extension.index), extension[0]) ?? segment);
}

/** What a segment becomes that is one value of many: the extension of code stays. */
export function valueForm(segment: string): string {
  return `${WILDCARD}${CODE_EXTENSION.exec(segment)?.[0] ?? ''}`;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const HASH = /^(?=[a-f]*\d)[0-9a-f]{7,64}$/i;
const VERSION = /^v?\d+\.\d+\.\d+(?:[-+.][0-9A-Za-z.+-]+)?$/;

/** The hash of its content or the version in the name of a file that a build made; undefined without either. */
function buildFile(name: string, extension: string): string | undefined {
  if (isBuildMark(name)) return `${WILDCARD}${extension}`;
  for (const { index } of name.matchAll(/[-._]/g)) {
    if (!isBuildMark(name.slice(index + 1))) continue;
    const stem = name.slice(0, index);
    return /^\d+$/.test(stem) || isBuildMark(stem)
      ? `${WILDCARD}${extension}`
      : `${stem}${name[index]}${WILDCARD}${extension}`;
  }
  return undefined;
}

function isBuildMark(text: string): boolean {
  return HASH.test(text) || VERSION.test(text) || (text.length === SHORTEST_TOKEN ? isMixed(text) : isRandom(text));
}

/** Eight characters where a build puts a hash: anything that is not written like a word. */
function isMixed(text: string): boolean {
  return (
    /^[A-Za-z0-9_-]+$/.test(text) &&
    !/^(?:[A-Z]?[a-z-]+|[A-Z]+)\d?$/.test(text) &&
    !/^[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})+$/.test(text)
  );
}

/** Letters and digits without anything that could be spoken: nanoid, base64, ids of videos. */
function isRandom(text: string): boolean {
  const { length } = text;
  if (length < SHORTEST_TOKEN || !/^[A-Za-z0-9_~=+-]+$/.test(text)) return false;
  if (!/\d|[a-z][A-Z]/.test(text)) return false;
  let spoken = 0;
  for (const [word] of text.matchAll(/[A-Z]?[a-z]{3,}|[A-Z]{4,}/g)) if (/[aeiouy]/i.test(word)) spoken += word.length;
  if (spoken > (length < LONG_TOKEN ? 0.35 : 0.5) * length) return false;
  // A capital at the beginning of a word is no change: getUserById.
  let changes = 0;
  for (let i = 1; i < length; i++) {
    const [before, after] = [kindOf(text.charCodeAt(i - 1)), kindOf(text.charCodeAt(i))];
    if (before === after || before === 'other' || after === 'other') continue;
    if (before !== 'upper' || after !== 'lower') changes++;
  }
  return changes >= 3 && changes >= 0.2 * length;
}

function kindOf(code: number): 'digit' | 'upper' | 'lower' | 'other' {
  if (code >= 0x30 && code <= 0x39) return 'digit';
  if (code >= 0x41 && code <= 0x5a) return 'upper';
  return code >= 0x61 && code <= 0x7a ? 'lower' : 'other';
}

/** `cus_9s6XKzkNRiz8i3`, `sk_test_4eC39HqLyjWDarjtT1zdp7dc`. */
function isPrefixedToken(text: string): boolean {
  const token = /^[A-Za-z]{1,12}(?:_[a-z]{2,8})?[_-]((?=[A-Za-z]*\d|[A-Z]*[a-z]+[A-Z])[A-Za-z0-9]{8,})$/.exec(
    text,
  )?.[1];
  if (token === undefined) return false;
  const words = [...token.matchAll(/[A-Z]?[a-z]{3,}/g)].reduce((sum, [word]) => sum + word.length, 0);
  return words < 0.6 * token.length;
}

/** Kubernetes makes the ends of names from letters that spell no words. */
const ENDING = '[bcdfghjklmnpqrstvwxz2456789]';

const WITHOUT_DIGITS: readonly RegExp[] = [
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  // Handles.
  /^@[\w.-]+$/,
  // Two commits, or branches: main...feature.
  /^[^.].*?\.{2,3}[^.]/,
  // A path, or another URL, as one segment.
  /^[^/]+\/./s,
  /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i,
];

const WITH_DIGITS: readonly RegExp[] = [
  ...WITHOUT_DIGITS,
  // Numbers, also signed, with decimals, or in a list, and coordinates: 17, -3.5, 17,18, 52.5200,-13.4050, @52.5,13.4,15z
  /^@?[-+]?\d+(?:[.,;~][-+]?\d+)*z?$/,
  // Hashes, object ids: hexadecimal with a digit in it; with their algorithm.
  /^(?=[a-f]*\d)[0-9a-f]{7,}$/i,
  /^(?:0x)[0-9a-f]+$/i,
  /^[a-z0-9]+:[0-9a-f]{16,}$/i,
  // ULID: Crockford's base 32.
  /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i,
  // Dates and times: 2026-11, 2026-11-22, 2026-11-22T07:20:40Z, 22.11.2026; weeks, quarters: 2026-W48, 2026-Q4
  /^\d{4}-\d\d(?:-\d\d)?(?:[T_ ]\d\d[:.-]?\d\d.*)?$/,
  /^\d{1,2}[.-]\d{1,2}[.-]\d{4}$/,
  /^\d{4}-?(?:W\d\d(?:-?\d)?|Q[1-4]|H[12])$/i,
  /^Q[1-4]-?\d{4}$/i,
  // Digits in groups: ISBN, telephone numbers.
  /^\+?\d+(?:[- ]\d+)+(?:[- ]X)?$/i,
  // Addresses: MAC, IPv6; hosts named by theirs: ip-10-2-3-4.
  /^(?:[0-9a-f]{2}[:-]){5,7}[0-9a-f]{2}$/i,
  /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i,
  /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}$/i,
  /^[A-Za-z]+(?:[-_]\d+){2,}(?:\.[a-z0-9.-]+)?$/,
  VERSION,
  // Sizes of pictures.
  /^\d{1,5}x\d{1,5}(?:@\dx)?$/,
  // Numbered and dated files: 0012.png, IMG_0012.tar.gz, report-2026-11-22.pdf, chunk-stream0-00012.m4s
  /^(?:[A-Za-z]+[-_]?)?\d+(?:[-_]\d+)*(?:\.(?!(?:[cm]?js|css)(?:\.map)?$)[A-Za-z][A-Za-z0-9]{0,4}){1,2}$/,
  /[-_]\d{3,}(?:\.(?!(?:[cm]?js|css)(?:\.map)?$)[A-Za-z][A-Za-z0-9]{0,4}){1,2}$/,
  // Files with a size or a version, and files named by a hash.
  /[-_]\d{1,5}x\d{1,5}(?:@\dx)?\.[A-Za-z]+$/,
  /[-_]v?\d+\.\d+\.\d+[^/]*\.(?!(?:[cm]?js|css)(?:\.map)?$)[A-Za-z]+$/,
  /^(?:[A-Za-z]+[-_.])?(?=[a-f]*\d)[0-9a-f]{8,}(?:\.(?!(?:[cm]?js|css)(?:\.map)?$)[A-Za-z][A-Za-z0-9]{0,4}){1,2}$/i,
  // Prefixed numbers: user_17, ORD-2041, INV0002041
  /^[A-Za-z]{1,16}(?:[-_:]\d+|\d{5,})$/,
  // Codes in capitals, with digits and letters after digits: plates, reservations, article numbers.
  /^(?=[A-Z-]*\d[A-Z0-9-]*$)(?:[A-Z0-9]*\d[A-Z][A-Z0-9]*|[A-Z0-9]+(?:[- ][A-Z0-9]+)+)$/,
  // A title behind its date or number, or before it.
  /^\d{4}-\d\d-\d\d-/,
  /^\d{2,}-[A-Za-z]/,
  /^[A-Za-z]+(?:-[A-Za-z0-9]+)+-\d{4,}$/,
  // Pods, replica sets: shop-api-7d9c5b6f4-x2x9z
  new RegExp(`^[a-z0-9][a-z0-9.-]*-${ENDING}{6,10}-${ENDING}{5}$`),
  new RegExp(`^[a-z0-9][a-z0-9.-]*-(?=[a-z]*\\d)${ENDING}{5,10}$`),
  // Tokens: letters turn into digits or back three times, which words with a version in them do not.
  /^(?=(?:.*?(?:[A-Za-z](?=\d)|\d(?=[A-Za-z]))){3})(?!.*\.(?:[cm]?js|css)(?:\.map)?$)[A-Za-z0-9_~=+.-]{16,}$/,
];
