import { type ParsedHeader, parseHeader } from '../header.ts';
import type { LineHeader } from '../record.ts';

/** One for each of the processes whose lines alternate. */
const ENTRIES = 16;
/** So far from the end of a header with a tag is the last digit of its process, `[713]: `, in which headers differ most. */
const DIGIT_FROM_END = 4;
const SPACE = 0x20;
const BOM = 0xfeff;
/** `<`, `(` and `[`: a priority or a facility behind a tag. */
const OPENING = '<([';

interface Entry {
  /** A header with what separates it from the message. */
  readonly text: string;
  /** The character at DIGIT_FROM_END, which is looked at first: most entries are of another process. */
  readonly digit: number;
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
      const { text, digit, parsed } = entries[i] as Entry;
      if (line.charCodeAt(text.length - DIGIT_FROM_END) !== digit) continue;
      if (line.startsWith(text) && !mayGoOn(line.charCodeAt(text.length))) return parsed;
    }
    const parsed = parseHeader(line);
    const { header, messageStart } = parsed;
    const isKept = header.process !== undefined && header.time !== undefined;
    if (isKept && line.charCodeAt(messageStart - 1) === SPACE && messageStart < line.length) {
      const digit = line.charCodeAt(messageStart - DIGIT_FROM_END);
      entries[this.#placeOf(header)] = { text: line.slice(0, messageStart), digit, parsed };
    }
    return parsed;
  }

  /** That of the same process, whose second is over; else the oldest. */
  #placeOf({ host, process, pid }: LineHeader): number {
    const same = this.#entries.findIndex(
      ({ parsed: { header } }) => header.pid === pid && header.host === host && header.process === process,
    );
    if (same >= 0) return same;
    const place = this.#oldest;
    this.#oldest = (place + 1) % ENTRIES;
    return place;
  }
}

/** True for what a header may go on with: blanks, a priority, a facility. */
function mayGoOn(code: number): boolean {
  if (code >= 0x61 && code <= 0x7a) return true;
  return code === SPACE || code === BOM || OPENING.includes(String.fromCharCode(code));
}
