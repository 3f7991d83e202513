/**
 * A line of a configuration → its words, as HAProxy cuts them (configuration manual, 2.2 and 2.3; measured with 2.6, 3.0, 3.2):
 *
 *     a\ b        one word: backslash protects space, # \ " '; \n \r \t \xNN stand for a character; before any other it stays
 *     'a b # $x'  one word, nothing in it means anything
 *     "a ${X-y}"  one word, with environment variables; `${X[*]}` becomes several words
 *     a#b         the word a, then a comment
 */
import type { Environment } from './environment.ts';

export interface Words {
  readonly words: readonly string[];
  /** Which of them have a variable in them whose value is not known here: what they are is not to be decided by. */
  readonly unknown: ReadonlySet<number>;
  /** Why HAProxy refuses the line. */
  readonly refusal?: string;
}

/** Longest word: `setenv A "$A$A"` doubles it in each line. What is behind the bound is not known. */
const LONGEST_WORD = 65_536;
/** HAProxy takes 64. */
const MOST_WORDS = 4096;

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t' };
const PROTECTED = ' \\#"\'\t';
const VARIABLE = /^\$(?:\{(\.?[A-Za-z_]\w*)(\[\*\])?(?:-([^}]*))?\}|(\.?[A-Za-z_]\w*))/;

export function splitWords(line: string, environment: Environment): Words {
  const cutter = new Cutter(environment);
  const refusal = cutter.read(line);
  return { words: cutter.words, unknown: cutter.unknown, ...(refusal !== undefined && { refusal }) };
}

class Cutter {
  readonly words: string[] = [];
  readonly unknown = new Set<number>();
  readonly #environment: Environment;
  /** Undefined between words. */
  #word: string | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  read(line: string): string | undefined {
    let quote = '';
    for (let i = 0; i < line.length; ) {
      const character = line[i] as string;
      if (quote === "'") {
        if (character === "'") quote = '';
        else this.#add(character);
        i++;
      } else if (character === quote) {
        quote = '';
        i++;
      } else if (quote === '' && (character === '"' || character === "'")) {
        quote = character;
        this.#add('');
        i++;
      } else if (quote === '' && character === '#') {
        break;
      } else if (quote === '' && (character === ' ' || character === '\t')) {
        this.#end();
        i++;
      } else if (character === '\\') {
        const read = this.#escape(line, i, quote);
        if (read === undefined) return 'truncated or invalid hexadecimal sequence';
        i += read;
      } else if (quote === '"' && character === '$') {
        const read = this.#variable(line.slice(i, i + LONGEST_WORD));
        if (typeof read === 'string') return read;
        i += read;
      } else {
        this.#add(character);
        i++;
      }
    }
    this.#end();
    return quote === '' ? undefined : 'unmatched quote';
  }

  #add(text: string): void {
    const word = this.#word ?? '';
    if (word.length + text.length <= LONGEST_WORD) this.#word = word + text;
    else this.unknown.add(this.words.length);
  }

  #end(): void {
    if (this.#word === undefined) return;
    if (this.words.length < MOST_WORDS) this.words.push(this.#word);
    else this.unknown.add(MOST_WORDS - 1);
    this.#word = undefined;
  }

  /** How many characters it takes; undefined for one that HAProxy refuses. */
  #escape(line: string, at: number, quote: string): number | undefined {
    const next = line[at + 1];
    if (next === undefined) {
      this.#add('\\');
      return 1;
    }
    if (next === 'x') {
      const hex = /^[0-9a-fA-F]{2}/.exec(line.slice(at + 2, at + 4))?.[0];
      if (hex === undefined) return undefined;
      this.#add(String.fromCharCode(Number.parseInt(hex, 16)));
      return 4;
    }
    if (PROTECTED.includes(next) || (quote === '"' && next === '$')) this.#add(next);
    else this.#add(ESCAPES[next] ?? `\\${next}`);
    return 2;
  }

  /** How many characters it takes, or why HAProxy refuses it. */
  #variable(rest: string): number | string {
    const match = VARIABLE.exec(rest);
    if (match === null) return 'a variable without a name, or an unmatched brace';
    const [text, braced, list, fallback, plain] = match;
    const value = this.#environment.value(braced ?? plain ?? '', fallback);
    if (value === undefined) {
      this.#add(text);
      this.unknown.add(this.words.length);
    } else if (list === undefined) {
      this.#add(value);
    } else {
      for (const [i, part] of value.split(/ +/).entries()) {
        if (i > 0) this.#end();
        this.#add(part);
      }
    }
    return text.length;
  }
}
