/** Text of others on a terminal: it may hold commands for it, or show other text than is there. */

/**
 * Controls (C0, DEL, C1), format characters (bidi overrides and isolates, zero-width characters, tags), lone
 * surrogates, line and paragraph separators: everything that moves the cursor, or shows other text than is there.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text that is safe on a terminal: unseen characters become visible, as `\x1b`, `\u202e` or `\u{e0001}`. */
export function escapeTerminal(text: string): string {
  return text.replace(UNSEEN, visible);
}

/** As above for a log, where a stack stays one line that people can read: its line ends are `\n`. */
export function escapeLogLine(text: string): string {
  return text.replace(UNSEEN, (character) => (character === '\n' ? '\\n' : visible(character)));
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
