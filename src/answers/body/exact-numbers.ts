/**
 * Numbers that JSON.parse does not keep: integers past 2^53, and what a double takes for infinite or for 0. It reads them as doubles, as
 * most programs do, and 9007199254740993 and 9007199254740992 would be the same.
 */

/** A number that needs its own text. Anything else is compared as the double that it is. */
const NEEDS_TEXT = /^-?\d{16}|(?<=[\d.]{17})[eE]\+?\d|[eE][+-]?\d{3,}$/;
/** Whether a text may have one: in a string it may look like one, too. */
const MAY_NEED_TEXT = /(?:^|[:,[\s])-?\d{16}|(?<=[\d.]{17})[eE]\+?\d|\d[eE][+-]?\d{3,}(?:$|[\s,\]}])/;
/** Strings and numbers of valid JSON. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/** Stands before a number that became a string; a string that begins with it gets a second one. No JSON has it unescaped. */
const MARK = '\u0001';
const ESCAPED_MARK = '\\u0001';

export function mayNeedText(json: string): boolean {
  return MAY_NEED_TEXT.test(json);
}

/** The same JSON with these numbers as strings. */
export function markNumbers(json: string): string {
  return json.replace(TOKENS, (token) => {
    if (token.startsWith('"')) return token.startsWith(ESCAPED_MARK, 1) ? `"${ESCAPED_MARK}${token.slice(1)}` : token;
    return NEEDS_TEXT.test(token) ? `"${ESCAPED_MARK}${token}"` : token;
  });
}

/** Of a string of marked JSON: the text of a number, or undefined where it is a string. */
export function markedNumber(text: string): string | undefined {
  return text.startsWith(MARK) && text[1] !== MARK ? text.slice(1) : undefined;
}

/** What a string or name of marked JSON was. */
export function unmarked(text: string): string {
  return text.startsWith(MARK) ? text.slice(1) : text;
}

/** A part of marked JSON, written by JSON.stringify, as it was. */
export function unmarkedJson(json: string): string {
  return json.replace(TOKENS, (token) => {
    if (!token.startsWith(ESCAPED_MARK, 1)) return token;
    const rest = token.slice(1 + ESCAPED_MARK.length);
    return rest.startsWith(ESCAPED_MARK) ? `"${rest}` : rest.slice(0, -1);
  });
}

/** One text for all ways to write a number: the double where it is exact or a fraction, else its digits and exponent. */
export function numberText(number: number, source?: string): string {
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER && (number !== 0 || source === undefined)) return String(number);
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source ?? String(number)) ?? [];
  const digits = `${whole}${fraction}`;
  const start = digits.search(/[1-9]/);
  if (start < 0) return '0';
  // No regular expression: it would look at each run of zeros again and again.
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  const moved = digits.length - end - fraction.length;
  const exponent = power.length < 15 ? Number(power) + moved : BigInt(power) + BigInt(moved);
  return `${sign}${digits.slice(start, end)}e${exponent}`;
}
