/** The escapes of the programs that write logs. Applied to single values, after the line was split. */

export type Escape =
  /** HAProxy: `#22` */
  | 'haproxy'
  /** The escapes of nginx and Apache: `\x22`, `\"`, `\\`, Apache's `\n` and `\t`. */
  | 'backslash'
  | 'json'
  | 'none';

const HAPROXY = /#([0-9A-Fa-f]{2})/g;
const ANY_HAPROXY = /(?:#[0-9A-Fa-f]{2})+/g;
const BACKSLASH = /(?:\\x[0-9A-Fa-f]{2})+|\\["\\nrtbvfa/'\]]/g;
const CONTROLS: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  v: '\v',
  f: '\f',
  a: '\u0007',
};

export function decodeEscapes(text: string, style: Escape): string {
  switch (style) {
    case 'haproxy':
      return text.includes('#') ? text.replace(ANY_HAPROXY, (run) => fromBytes(run.replace(HAPROXY, '$1'))) : text;
    case 'backslash':
      return text.includes('\\') ? text.replace(BACKSLASH, unescapeBackslash) : text;
    case 'json':
      return text.includes('\\') ? unescapeJson(text) : text;
    case 'none':
      return text;
  }
}

function unescapeBackslash(run: string): string {
  if (run.startsWith('\\x')) return fromBytes(run.replaceAll('\\x', ''));
  const char = run.charAt(1);
  return CONTROLS[char] ?? char;
}

/** Bytes that are UTF-8 together become its characters, as they would had they been logged as they are. */
function fromBytes(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}

/** HAProxy puts text into JSON without escaping backslashes: what is no escape of JSON stays what it is. */
const JSON_ESCAPE = /\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])/g;

function unescapeJson(text: string): string {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    // Not JSON's own: what is known of it is taken.
  }
  return text.replace(JSON_ESCAPE, (found) => {
    const char = found.charAt(1);
    return char === 'u' ? String.fromCharCode(Number.parseInt(found.slice(2), 16)) : (CONTROLS[char] ?? char);
  });
}

/** The escapes of a configuration file, and of a shell: `\$status`, `\t`. */
export function unescapeWord(text: string): string {
  return text.replace(/\\(["'\\$tnr])/g, (_, char: string) => CONTROLS[char] ?? char);
}

const REVERSE_SOLIDUS = 0x5c;

/** The character at `at` stands behind a backslash that is no escaped one itself. */
export function isEscaped(line: string, at: number): boolean {
  let backslashes = 0;
  while (line.charCodeAt(at - 1 - backslashes) === REVERSE_SOLIDUS) backslashes += 1;
  return backslashes % 2 === 1;
}
