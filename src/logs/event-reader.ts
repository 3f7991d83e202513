/**
 * Does what parseMessage does, sooner: lines of one event begin alike, and behind that are numbers. What looks in any way
 * unusual is left to parseMessage, which says what a message means.
 */
import type { SpoeEvent } from './record.ts';
import { type MessageResult, parseMessage } from './spoe-line.ts';

/** One for each of the events that a few agents have. */
const ENTRIES = 8;
const SPACE = 0x20;
const SLASH = 0x2f;
const HYPHEN = 0x2d;
const MAX_U32 = 0xffff_ffff;
/** So many digits are exact in a double. */
const MAX_DIGITS = 15;
/** What the grammar allows of a timer, and of a number of 32 bits. */
const MAX_SMALL_DIGITS = 10;

/** A beginning that parseMessage has read: `SPOE: [mirror] <EVENT:on-http-response> sid=`. */
interface Entry extends Pick<SpoeEvent, 'agent' | 'type' | 'name'> {
  readonly text: string;
}

export class EventReader {
  readonly #entries: Entry[] = [];
  #oldest = 0;
  #at = 0;
  #isUsual = true;

  /** The message of a line that starts with MARKER at `start`. */
  read(line: string, start: number): MessageResult {
    for (const entry of this.#entries) {
      if (!line.startsWith(entry.text, start)) continue;
      const event = this.#numbers(line, start + entry.text.length, entry);
      if (event !== undefined) return { kind: 'event', event };
      break;
    }
    const result = parseMessage(line.slice(start));
    if (result.kind === 'event') this.#learn(result.event);
    return result;
  }

  /** What stands behind `sid=` in a line of an event; undefined where the whole message has to be read. */
  readRest(rest: string, event: Pick<SpoeEvent, 'agent' | 'type' | 'name'>): SpoeEvent | undefined {
    return this.#numbers(rest, 0, event);
  }

  #learn({ agent, type, name }: SpoeEvent): void {
    const text = `SPOE: [${agent}] <${type}:${name}> sid=`;
    if (this.#entries.some((entry) => entry.text === text)) return;
    this.#entries[this.#oldest] = { text, agent, type, name };
    this.#oldest = (this.#oldest + 1) % ENTRIES;
  }

  /** Undefined for anything but either form with nothing behind it, of numbers that need no second look. */
  #numbers(line: string, start: number, { agent, type, name }: Omit<Entry, 'text'>): SpoeEvent | undefined {
    this.#at = start;
    this.#isUsual = true;
    const sid = this.#small(line, SPACE);
    if (!this.#isUsual || !line.startsWith('st=', this.#at)) return undefined;
    this.#at += 3;
    const st = this.#small(line, SPACE);
    const first = this.#timer(line);
    if (!this.#isUsual) return undefined;
    if (line.charCodeAt(this.#at) === SPACE) {
      this.#at++;
      const nbError = this.#digits(line, MAX_DIGITS, SLASH);
      const nbProcessed = this.#last(line);
      return this.#isUsual ? { agent, type, name, sid, st, pT: first, nbError, nbProcessed } : undefined;
    }
    this.#expect(line, SLASH);
    const qT = this.#timer(line);
    this.#expect(line, SLASH);
    const wT = this.#timer(line);
    this.#expect(line, SLASH);
    const resT = this.#timer(line);
    this.#expect(line, SLASH);
    const pT = this.#timer(line);
    this.#expect(line, SPACE);
    const idles = this.#small(line, SLASH);
    const applets = this.#small(line, SPACE);
    const nbSending = this.#small(line, SLASH);
    const nbWaiting = this.#small(line, SPACE);
    const nbError = this.#digits(line, MAX_DIGITS, SLASH);
    const nbProcessed = this.#last(line);
    if (!this.#isUsual) return undefined;
    return {
      agent,
      type,
      name,
      sid,
      st,
      reqT: first,
      qT,
      wT,
      resT,
      pT,
      idles,
      applets,
      nbSending,
      nbWaiting,
      nbError,
      nbProcessed,
    };
  }

  /** A number of 32 bits, and the character behind it. */
  #small(line: string, behind: number): number {
    const value = this.#digits(line, MAX_SMALL_DIGITS, behind);
    if (value > MAX_U32) this.#isUsual = false;
    return value;
  }

  #timer(line: string): number {
    if (line.charCodeAt(this.#at) !== HYPHEN) return this.#number(line, MAX_SMALL_DIGITS);
    if (line.charCodeAt(this.#at + 1) !== 0x31) this.#isUsual = false;
    this.#at += 2;
    return -1;
  }

  /** The last number, behind which the line ends. */
  #last(line: string): number {
    const value = this.#number(line, MAX_DIGITS);
    if (this.#at !== line.length) this.#isUsual = false;
    return value;
  }

  #digits(line: string, most: number, behind: number): number {
    const value = this.#number(line, most);
    this.#expect(line, behind);
    return value;
  }

  #expect(line: string, code: number): void {
    if (line.charCodeAt(this.#at) !== code) this.#isUsual = false;
    this.#at++;
  }

  /** One to `most` digits; with more of them the next character is none that is expected. */
  #number(line: string, most: number): number {
    const start = this.#at;
    let at = start;
    let value = 0;
    for (; at - start < most; at++) {
      const digit = line.charCodeAt(at) - 0x30;
      // NaN, behind the end, is not a digit either.
      if (!(digit >= 0 && digit <= 9)) break;
      value = 10 * value + digit;
    }
    if (at === start) this.#isUsual = false;
    this.#at = at;
    return value;
  }
}
