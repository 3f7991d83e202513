/** Which characters a value may hold as it is: what the program that writes the log does not escape. */

/** One entry for each ASCII character, and one for all others. */
export interface Characters {
  readonly table: Uint8Array;
  /** A backslash takes the next character with it. */
  readonly escapes: boolean;
}

const OTHERS = 128;

function charactersLike(pattern: RegExp, escapes = false): Characters {
  const table = new Uint8Array(OTHERS + 1);
  for (let code = 0; code < OTHERS; code += 1) table[code] = pattern.test(String.fromCharCode(code)) ? 1 : 0;
  table[OTHERS] = pattern.test('\u0080') && pattern.test('\uffff') ? 1 : 0;
  return { table, escapes };
}

export function allows(table: Uint8Array, code: number): boolean {
  return table[code < OTHERS ? code : OTHERS] === 1;
}

/** Decimal or hexadecimal, with a sign or without, `-` for none. (`+` is what HAProxy's logasap puts before a number.) */
export const NUMBER = charactersLike(/[0-9A-Fa-f.+-]/);
/** The characters of nginx's lists of numbers: `0.005, 0.010 : -`. */
export const NUMBER_LIST = charactersLike(/[0-9., :-]/);
/** The characters of nginx's lists of addresses: `192.0.2.7:80, [2001:db8::7]:80 : unix:/run/app.sock`. */
export const TOKEN_LIST = charactersLike(/[ !#-~]/);
/** `22/Nov/2026:07:20:43 +0000` */
export const DATE = charactersLike(/[0-9A-Za-z/:.+ -]/);
/** Names from HAProxy's configuration, `<NOSRV>`, `fe~` (TLS), termination states. */
export const NAME = charactersLike(/[0-9A-Za-z_.:<>~-]/);
/** An address and the like: no space, no control character, no quote. */
export const TOKEN = charactersLike(/[!#-~\u0080-\uffff]/);
/** HAProxy writes `"`, `#`, control and non-ASCII characters as #XX (url_encode_map). */
export const HAPROXY_URL = charactersLike(/[ !#-~]/);
/** The same without spaces: HAProxy splits the request line at them. */
export const HAPROXY_URL_PART = charactersLike(/[!#-~]/);
/** The characters of HAProxy's captures (hdr_encode_map): the braces and the bar are escaped too. */
export const HAPROXY_CAPTURES = charactersLike(/[ !#-z|~]/);
/**
 * The characters of nginx's escape=default: `"`, control and non-ASCII characters are \xXX. (Apache writes `\"`, so does
 * HAProxy's +E.)
 */
export const NGINX_TEXT = charactersLike(/[ !#-~]/);
/** JSON, Apache: a quote only behind a backslash. Logs of JSON hold UTF-8 as it is. */
export const BACKSLASHED = charactersLike(/[\t !#-~\u007f\u0080-\uffff]/, true);
/** Any character that a client sent: HAProxy's samples, nginx's escape=none. */
export const ANYTHING = charactersLike(/[\s\S]/);
