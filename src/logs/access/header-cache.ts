import { type ParsedHeader, parseHeader } from '../header.ts';

/** One for each of a few processes whose lines alternate. */
const ENTRIES = 4;
const SPACE = 0x20;
const BOM = 0xfeff;
/** `<`, `(` and `[`: a priority or a facility behind a tag. */
const OPENING = '<([';

interface Entry {
  /** A header with what separates it from the message. */
  readonly text: string;
  readonly parsed: ParsedHeader;
}

/**
 * parseHeader, which takes longer than reading an access line, done once for successive lines with the same header: syslog's
 * has seconds, and a busy proxy writes many lines in one.
 *
 * Only headers that end in a tag or in RFC 5424's structured data are kept. Every rule of header.ts that takes part in
 * them looks no further than the character behind the space, so that a line with the same beginning has the same header.
 */
export class HeaderCache {
  readonly #entries: Entry[] = [];
  #oldest = 0;

  read(line: string): ParsedHeader {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 1) {
      const { text, parsed } = entries[i] as Entry;
      if (line.startsWith(text) && !mayGoOn(line.charCodeAt(text.length))) return parsed;
    }
    const parsed = parseHeader(line);
    const { header, messageStart } = parsed;
    const isKept = header.process !== undefined && header.time !== undefined;
    if (isKept && line.charCodeAt(messageStart - 1) === SPACE && messageStart < line.length) {
      entries[this.#oldest] = { text: line.slice(0, messageStart), parsed };
      this.#oldest = (this.#oldest + 1) % ENTRIES;
    }
    return parsed;
  }
}

/** True for what a header may go on with: blanks, a priority, a facility. */
function mayGoOn(code: number): boolean {
  if (code >= 0x61 && code <= 0x7a) return true;
  return code === SPACE || code === BOM || OPENING.includes(String.fromCharCode(code));
}
