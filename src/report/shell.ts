/** Arguments for a POSIX-like shell, from untrusted text: what is pasted must be what was meant. */
import { tearObeyed } from '../text/terminal.ts';

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
/** No argument can hold a NUL; a lone surrogate has no bytes. */
const UNSAYABLE = /[\0\p{Cs}]/u;
/** Characters that would act on the terminal, or show as something else. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const NOT_ASCII = /[^\x20-\x7e]/;

/**
 * One argument, quoted where it needs to be. What a terminal would act on is written as the escapes of `$'…'` (bash,
 * zsh, ksh), and with `ascii` everything that is not ASCII too; what the runner of a CI server would obey is in two quotes. Null when no quoting can say it.
 */
export function quoteArgument(text: string, ascii = false): string | null {
  if (PLAIN.test(text) && tearObeyed(text, ' ') === text) return text;
  if (UNSAYABLE.test(text)) return null;
  if (UNSEEN.test(text) || (ascii && NOT_ASCII.test(text)))
    return `$'${tearObeyed([...text].map(escaped).join(''), "'$'")}'`;
  return `'${tearObeyed(text.replaceAll("'", "'\\''"), "''")}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (/^[\x20-\x7e]$/.test(character)) return character;
  return Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

/** The path as an argument: one that starts with a dash must not be an option. */
export function pathArgument(path: string): string {
  return path.startsWith('-') && path !== '-' ? `./${path}` : path;
}
