/** JSON for files and terminals. */

/**
 * JSON.stringify leaves DEL, C1, format characters (bidi, zero width, tags) and separators as they are, and with them what
 * moves a terminal's cursor or turns its text around; so does it leave `##[…]`, which the runner of a CI server obeys in the
 * log of a job: the same values, with these as \u escapes.
 */
export function escapeJson(json: string): string {
  const seen = json.replace(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
  // Looking for two of them first costs nothing beside the expression.
  return seen.includes('##') ? seen.replace(/(?<=#)#(?=[a-z]*\[)/gi, '\\u0023') : seen;
}

/**
 * A replacer for JSON.stringify, which throws on a bigint: a counter past 2^53 becomes a text of its digits, everything
 * else stays what it is.
 */
export function bigintReplacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
