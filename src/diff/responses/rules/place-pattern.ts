/**
 * A regular expression on places. The pattern is the operator's, but places are of whoever answers, and for both together
 * JavaScript's own matcher may take a lifetime. This one takes as many turns as the pattern has states times the text has
 * characters: it keeps all states at once (K. Thompson, Regular Expression Search Algorithm, 1968). What a state cannot
 * say, a reference to a group and a look ahead or behind, is refused.
 */

type State =
  | { readonly kind: 'char'; readonly test: RegExp; readonly next: number }
  | { readonly kind: 'fork'; to: readonly number[] }
  | { readonly kind: 'edge'; readonly at: '^' | '$'; readonly next: number };

type Node =
  | { readonly kind: 'char'; readonly test: RegExp }
  | { readonly kind: 'edge'; readonly at: '^' | '$' }
  | { readonly kind: 'all'; readonly of: readonly Node[] }
  | { readonly kind: 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'repeated'; readonly of: Node; readonly least: number; readonly most: number };

/** A pattern is a line of a command. */
const MAX_LENGTH = 500;
const MAX_STATES = 500;
/** Places are 200 characters and a word; of a longer text the rest is not looked at. */
const MAX_TEXT = 300;
/** The state that is the end of a match. */
const DONE = 0;

const CLASS = /\[(?:[^\]\\]|\\.)*\]/suy;
const ESCAPE = /\\(?:u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{[^{}]*\}|[^A-Za-z0-9]|[dDsSwWfnrtv])/suy;
const QUANTIFIER = /(?:([*+?])|\{(\d{1,3})(,(\d{1,3})?)?\})\??/suy;

/** What keeps a pattern from being one, in words. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

export class PlacePattern {
  readonly #states: State[] = [{ kind: 'fork', to: [] }];
  readonly #start: number;

  /** @param flags `i` or nothing @throws PatternError */
  constructor(source: string, flags = '') {
    if (source.length > MAX_LENGTH) throw new PatternError(`it is longer than ${MAX_LENGTH} characters`);
    this.#start = this.#build(new PatternParser(source, flags).parse(), DONE);
  }

  /** Whether it matches somewhere in the text. */
  test(text: string): boolean {
    const chars = [...text.slice(0, MAX_TEXT)];
    let states = new Set<number>();
    for (let at = 0; at <= chars.length; at++) {
      this.#enter(this.#start, states, at === 0, at === chars.length);
      if (states.has(DONE)) return true;
      const char = chars[at];
      if (char === undefined) return false;
      const next = new Set<number>();
      for (const number of states) {
        const state = this.#states[number] as State;
        if (state.kind === 'char' && state.test.test(char))
          this.#enter(state.next, next, false, at + 1 === chars.length);
      }
      states = next;
    }
    return false;
  }

  /** Adds a state and all that lie behind it without a character between. */
  #enter(first: number, states: Set<number>, isStart: boolean, isEnd: boolean): void {
    const waiting = [first];
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      if (states.has(number)) continue;
      const state = this.#states[number] as State;
      // An edge that is not here may be there for who comes again.
      if (state.kind === 'edge' && !(state.at === '^' ? isStart : isEnd)) continue;
      states.add(number);
      if (state.kind === 'fork') waiting.push(...state.to);
      else if (state.kind === 'edge') waiting.push(state.next);
    }
  }

  /** The state with which the node begins; `next` is where it goes on. */
  #build(node: Node, next: number): number {
    switch (node.kind) {
      case 'char':
        return this.#add({ kind: 'char', test: node.test, next });
      case 'edge':
        return this.#add({ kind: 'edge', at: node.at, next });
      case 'all':
        return node.of.reduceRight((to, part) => this.#build(part, to), next);
      case 'any':
        return this.#add({ kind: 'fork', to: node.of.map((part) => this.#build(part, next)) });
      case 'repeated':
        return this.#repeat(node.of, node.least, node.most, next);
    }
  }

  #repeat(node: Node, least: number, most: number, next: number): number {
    let start = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop: State = { kind: 'fork', to: [] };
      start = this.#add(loop);
      loop.to = [this.#build(node, start), next];
    } else {
      for (let i = least; i < most; i++) start = this.#add({ kind: 'fork', to: [this.#build(node, start), next] });
    }
    for (let i = 0; i < least; i++) {
      const behind = start;
      start = this.#build(node, behind);
      // What is empty is so however often it stands there.
      if (start === behind) break;
    }
    return start;
  }

  #add(state: State): number {
    if (this.#states.length >= MAX_STATES)
      throw new PatternError('it is too large: write fewer or smaller repetitions');
    return this.#states.push(state) - 1;
  }
}

class PatternParser {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = `su${flags}`;
  }

  parse(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#source.length) throw new PatternError('a ) closes nothing');
    return node;
  }

  #alternatives(): Node {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'any', of: parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && this.#next !== '|' && this.#next !== ')') {
      const atom = this.#atom();
      const match = this.#match(QUANTIFIER);
      parts.push(match === undefined ? atom : repeated(atom, match));
    }
    return { kind: 'all', of: parts };
  }

  #atom(): Node {
    if (this.#take('(')) {
      if (this.#take('?') && !this.#take(':'))
        throw new PatternError('(?…) other than (?:…) cannot be used: no looking ahead or behind, no names');
      const node = this.#alternatives();
      if (!this.#take(')')) throw new PatternError('a ( is not closed');
      return node;
    }
    if (this.#take('^')) return { kind: 'edge', at: '^' };
    if (this.#take('$')) return { kind: 'edge', at: '$' };
    return { kind: 'char', test: this.#leaf() };
  }

  /** What stands for one character: JavaScript itself says which. */
  #leaf(): RegExp {
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at) as number);
    let leaf: string | undefined = /[*+?{}\]]/.test(char) ? undefined : char;
    if (char === '[') leaf = this.#match(CLASS)?.[0];
    else if (char === '\\') leaf = this.#match(ESCAPE)?.[0];
    else if (leaf !== undefined) this.#at += char.length;
    if (leaf === undefined)
      throw new PatternError(`${this.#source.slice(this.#at, this.#at + 2)} cannot be used there`);
    try {
      return new RegExp(`^${leaf}$`, this.#flags);
    } catch {
      throw new PatternError(`${leaf} cannot be read`);
    }
  }

  get #next(): string | undefined {
    return this.#source[this.#at];
  }

  #take(char: string): boolean {
    if (this.#next !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#at = pattern.lastIndex;
    return match ?? undefined;
  }
}

function repeated(of: Node, [, sign, low, hasMore, high]: RegExpExecArray): Node {
  const least = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
  const bounded = hasMore === undefined ? least : high === undefined ? Number.POSITIVE_INFINITY : Number(high);
  const most = sign === undefined ? bounded : sign === '?' ? 1 : Number.POSITIVE_INFINITY;
  if (most < least) throw new PatternError(`{${least},${most}} is out of order`);
  return { kind: 'repeated', of, least, most };
}
