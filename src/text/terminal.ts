/** Text of others on a terminal, or in the log of a CI job: it may hold commands for either, or show other text than is there. */

/**
 * Controls (C0, DEL, C1), format characters (bidi overrides and isolates, zero-width characters, tags), lone
 * surrogates, line and paragraph separators: everything that moves the cursor, or shows other text than is there.
 */
function unseen(): RegExp {
  found ??= /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
  return found;
}

let found: RegExp | undefined;
/** Nearly every text is of these alone, and V8 takes half a millisecond to gather the first classes of characters. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * What the runner of a CI server obeys in the output of a job: `##[…]` (GitHub), `##vso[…]` (Azure) and `##teamcity[…]`
 * anywhere in a line, `::add-mask::…` (GitHub) at the beginning of one, where a wrapped text may put it. Requests may hold
 * either, and would set outputs, or hide the word of the verdict. In JUnit `[[ATTACHMENT|…]]` names a file to be published.
 */
const OBEYED =
  /(?<=#)#(?=[a-z]*\[)|:(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice|remove-matcher|save-state|set-env|set-output|stop-commands|warning)(?: |::))|\[(?=\[ATTACHMENT\|)/gi;

/** Text that is safe on a terminal and in the log of a job: what is not becomes visible, as `\x1b`, `\u202e` or `\u{e0001}`. */
export function escapeTerminal(text: string): string {
  return replaceObeyed(PRINTABLE.test(text) ? text : text.replace(unseen(), visible), visible);
}

/** As above for a log, where a stack stays one line that people can read: its line ends are `\n`. */
export function escapeLogLine(text: string): string {
  const seen = text.replace(unseen(), (character) => (character === '\n' ? '\\n' : visible(character)));
  return replaceObeyed(seen, visible);
}

/** The text with what a runner obeys torn open behind its first character that does so. */
export function tearObeyed(text: string, gap: string): string {
  return replaceObeyed(text, (character) => character + gap);
}

/** Nearly every text has none of these beginnings, and finding that out costs a quarter of the expression. */
function replaceObeyed(text: string, replace: (character: string) => string): string {
  return text.includes('##') || text.includes('::') || text.includes('[[') ? text.replace(OBEYED, replace) : text;
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
