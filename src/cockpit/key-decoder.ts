/**
 * What a terminal sends → keys. A key of several bytes may come in pieces, or many keys at once. What is no key that is
 * known is taken away whole, so that none of its bytes is read as another key.
 */
import { StringDecoder } from 'node:string_decoder';

/** A key by its name, or a text that was pasted. */
export type Key = { readonly name: string } | { readonly pasted: string };

const ESC = '\x1b';
/** The most characters of one sequence, and of a text that is pasted. */
const MOST_SEQUENCE = 64;
const MOST_PASTED = 4096;
const PASTE_END = '\x1b[201~';

const NAMED: { readonly [character: string]: string } = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  ' ': 'space',
};

/** Final characters of CSI and SS3, and numbers before a tilde. */
const FINAL: { readonly [character: string]: string } = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  M: 'enter',
};
const TILDE: { readonly [number: string]: string } = {
  1: 'home',
  4: 'end',
  5: 'pgup',
  6: 'pgdn',
  7: 'home',
  8: 'end',
};
const WHEEL: { readonly [button: string]: string } = { 64: 'wheel-up', 65: 'wheel-down' };

export class KeyDecoder {
  readonly #text = new StringDecoder('utf8');
  #rest = '';
  #pasted: string | undefined;
  /** True within a sequence that is not ended yet and says nothing here (an answer of the terminal). */
  #skipping = false;

  /** True when the last bytes may be a key of their own (Esc), or the beginning of another one. */
  get waits(): boolean {
    return (this.#rest !== '' && this.#pasted === undefined) || this.#skipping;
  }

  feed(bytes: Buffer): Key[] {
    const keys: Key[] = [];
    this.#rest += this.#text.write(bytes);
    while (this.#rest !== '' && this.#next(keys));
    return keys;
  }

  /** Nothing followed: a lone Esc is the key; a sequence without an end is none. */
  flush(): Key[] {
    const isEscape = this.#rest === ESC;
    if (this.#pasted === undefined) this.#rest = '';
    this.#skipping = false;
    return isEscape ? [{ name: 'esc' }] : [];
  }

  /** Takes one key away from the rest; false when more has to come. */
  #next(keys: Key[]): boolean {
    if (this.#pasted !== undefined) return this.#paste(keys);
    if (this.#skipping) return this.#skip();
    const [first = ''] = this.#rest;
    if (first === ESC) return this.#sequence(keys);
    this.#rest = this.#rest.slice(first.length);
    const name = nameOf(first);
    if (name !== undefined) keys.push({ name });
    return true;
  }

  #sequence(keys: Key[]): boolean {
    const rest = this.#rest;
    const second = rest[1];
    if (second === undefined) return false;
    if (second === ESC) {
      this.#rest = rest.slice(1);
      keys.push({ name: 'esc' });
      return true;
    }
    if (second === '[') return this.#csi(keys);
    if (second === 'O') {
      if (rest.length < 3) return false;
      this.#take(3, FINAL[rest[2] as string], keys);
      return true;
    }
    if (second === ']' || second === 'P' || second === '_' || second === '^' || second === 'X') {
      this.#rest = rest.slice(2);
      this.#skipping = true;
      return true;
    }
    // Alt and a key: none of ours.
    const [, after = ''] = rest;
    this.#rest = rest.slice(1 + after.length);
    return true;
  }

  #csi(keys: Key[]): boolean {
    const rest = this.#rest;
    // X10 mouse: three characters follow, which may be anything.
    if (rest[2] === 'M') {
      if (rest.length < 6) return false;
      this.#take(6, WHEEL[(rest.codePointAt(3) as number) - 32], keys);
      return true;
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal sends
    const found = /^\x1b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])/.exec(rest);
    if (found === null) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal sends
      if (/^\x1b\[[\x30-\x3f]*[\x20-\x2f]*$/.test(rest) && rest.length < MOST_SEQUENCE) return false;
      // No sequence: what is wrong with it begins another key.
      this.#rest = rest.slice(rest.length >= MOST_SEQUENCE ? MOST_SEQUENCE : 2);
      return true;
    }
    const [whole, parameters = '', final = ''] = found;
    if (final === '~' && parameters === '200') {
      this.#rest = rest.slice(whole.length);
      this.#pasted = '';
      return true;
    }
    this.#take(whole.length, csiName(parameters, final), keys);
    return true;
  }

  #take(length: number, name: string | undefined, keys: Key[]): void {
    this.#rest = this.#rest.slice(length);
    if (name !== undefined) keys.push({ name });
  }

  #paste(keys: Key[]): boolean {
    const end = this.#rest.indexOf(PASTE_END);
    // The end itself may have come in part.
    const taken = end >= 0 ? end : Math.max(0, this.#rest.length - PASTE_END.length + 1);
    this.#pasted = ((this.#pasted ?? '') + this.#rest.slice(0, taken)).slice(0, MOST_PASTED);
    this.#rest = this.#rest.slice(end >= 0 ? end + PASTE_END.length : taken);
    if (end < 0) return false;
    keys.push({ pasted: this.#pasted });
    this.#pasted = undefined;
    return true;
  }

  /** An answer of the terminal ends with BEL, or with Esc and a backslash. */
  #skip(): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal sends
    const end = this.#rest.search(/\x07|\x1b\\/);
    if (end < 0) {
      this.#rest = this.#rest.endsWith(ESC) ? ESC : '';
      return false;
    }
    this.#rest = this.#rest.slice(end + (this.#rest[end] === ESC ? 2 : 1));
    this.#skipping = false;
    return true;
  }
}

function csiName(parameters: string, final: string): string | undefined {
  if (parameters.startsWith('<')) return final === 'M' ? WHEEL[parameters.slice(1).split(';', 1)[0] ?? ''] : undefined;
  if (final === '~') return TILDE[parameters.split(';', 1)[0] ?? ''];
  return FINAL[final];
}

function nameOf(character: string): string | undefined {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) as number;
  if (code >= 1 && code <= 26) return `ctrl-${String.fromCharCode(code + 96)}`;
  return code < 0x20 || code === 0xfffd || (code >= 0x7f && code < 0xa0) ? undefined : character;
}
