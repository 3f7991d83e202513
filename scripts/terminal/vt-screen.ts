/** A terminal's screen as far as the programs here write to one: what stands where after a text of escapes. */
import { displayWidth } from '../../src/report/width.ts';

/** Characters of a row, and how each is drawn: the parameters of its SGR, empty for plain. */
interface Line {
  readonly text: string[];
  readonly styles: string[];
}

/** Text that is drawn in one way. */
export interface Run {
  readonly text: string;
  readonly style: string;
}

interface Buffer {
  lines: Line[];
  x: number;
  y: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is sent
const ESCAPE = /^\x1b(?:\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])|[78=>])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is sent
const UNFINISHED = /^\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*)?$/;

export class VtScreen {
  columns: number;
  rows: number;
  /** Modes that are set, as `1049`. */
  readonly modes = new Set<string>(['7', '25']);
  /** Escapes that no terminal is sent on purpose. */
  readonly unknown: string[] = [];
  /** Rows in which something is drawn in reverse. */
  readonly reversed = new Set<number>();
  #normal: Buffer;
  #alternate: Buffer;
  #style = '';
  #rest = '';

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#normal = this.#blank();
    this.#alternate = this.#blank();
  }

  /** What is seen, without spaces at the ends of lines and empty lines at the end. */
  get text(): string {
    const lines = this.#buffer.lines.map(({ text }) => text.join('').trimEnd());
    return lines.join('\n').trimEnd();
  }

  /** The rows from the top, each in runs; plain spaces at the end are left out. */
  get runs(): Run[][] {
    return this.#buffer.lines.map(({ text, styles }) => {
      let length = text.length;
      while (length > 0 && text[length - 1] === ' ' && styles[length - 1] === '') length -= 1;
      const runs: { text: string; style: string }[] = [];
      for (let x = 0; x < length; x++) {
        const [character = '', style = ''] = [text[x], styles[x]];
        const last = runs.at(-1);
        if (last?.style === style) last.text += character;
        else runs.push({ text: character, style });
      }
      return runs;
    });
  }

  get isAlternate(): boolean {
    return this.modes.has('1049');
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const buffer of [this.#normal, this.#alternate]) {
      buffer.lines = Array.from({ length: rows }, (_, y) => {
        const { text, styles } = buffer.lines[y] ?? this.#line();
        return {
          text: Array.from({ length: columns }, (_each, x) => text[x] ?? ' '),
          styles: Array.from({ length: columns }, (_each, x) => styles[x] ?? ''),
        };
      });
      buffer.y = Math.min(buffer.y, rows - 1);
      buffer.x = Math.min(buffer.x, columns - 1);
    }
  }

  write(text: string): void {
    let rest = this.#rest + text;
    this.#rest = '';
    while (rest !== '') {
      if (rest[0] === '\x1b') {
        const found = ESCAPE.exec(rest);
        if (found === null && UNFINISHED.test(rest)) {
          this.#rest = rest;
          return;
        }
        if (found === null) this.unknown.push(JSON.stringify(rest.slice(0, 10)));
        else this.#escape(found[1] ?? '', found[2] ?? '');
        rest = rest.slice(found?.[0].length ?? 1);
        continue;
      }
      const [character = ''] = rest;
      this.#put(character);
      rest = rest.slice(character.length);
    }
  }

  get #buffer(): Buffer {
    return this.isAlternate ? this.#alternate : this.#normal;
  }

  #blank(): Buffer {
    return { lines: Array.from({ length: this.rows }, () => this.#line()), x: 0, y: 0 };
  }

  #line(): Line {
    return { text: new Array<string>(this.columns).fill(' '), styles: new Array<string>(this.columns).fill('') };
  }

  #clearFromCursor({ lines, x, y }: Buffer): void {
    lines[y]?.text.fill(' ', x);
    lines[y]?.styles.fill('', x);
  }

  #put(character: string): void {
    const buffer = this.#buffer;
    if (character === '\n') {
      if (buffer.y < this.rows - 1) buffer.y += 1;
      else {
        buffer.lines.shift();
        buffer.lines.push(this.#line());
      }
      return;
    }
    if (character === '\r') buffer.x = 0;
    else if (character < ' ' || character === '\x7f') this.unknown.push(JSON.stringify(character));
    else this.#print(buffer, character);
  }

  #print(buffer: Buffer, character: string): void {
    const width = displayWidth(character);
    const { text, styles } = buffer.lines[buffer.y] as Line;
    if (width === 0) {
      const before = Math.max(0, buffer.x - 1);
      text[before] = (text[before] ?? '') + character;
      return;
    }
    if (buffer.x + width > this.columns) {
      if (this.modes.has('7')) {
        this.#put('\r');
        this.#put('\n');
        this.#print(buffer, character);
        return;
      }
      buffer.x = this.columns - width;
    }
    text[buffer.x] = character;
    if (width === 2) text[buffer.x + 1] = '';
    styles.fill(this.#style, buffer.x, buffer.x + width);
    buffer.x += width;
    if (this.#style.split(';').includes('7')) this.reversed.add(buffer.y);
    else if (buffer.x === width) this.reversed.delete(buffer.y);
  }

  #escape(parameters: string, final: string): void {
    const buffer = this.#buffer;
    const [first = 0, second = 0] = parameters.replace('?', '').split(';').map(Number);
    switch (final) {
      case 'H':
        buffer.y = Math.min(this.rows, Math.max(1, first)) - 1;
        buffer.x = Math.min(this.columns, Math.max(1, second)) - 1;
        break;
      case 'A':
        buffer.y = Math.max(0, buffer.y - Math.max(1, first));
        break;
      case 'K':
        this.#clearFromCursor(buffer);
        break;
      case 'J':
        if (first === 0) this.#clearFromCursor(buffer);
        for (let y = first === 2 ? 0 : buffer.y + 1; y < this.rows; y++) buffer.lines[y] = this.#line();
        break;
      case 'm':
        // The programs end each style before they begin another one.
        this.#style = parameters === '0' ? '' : parameters;
        break;
      case 'h':
      case 'l':
        this.#setModes(parameters, final === 'h');
        break;
      case '':
        break;
      default:
        this.unknown.push(`CSI ${parameters}${final}`);
    }
  }

  #setModes(parameters: string, isSet: boolean): void {
    for (const mode of parameters.replace('?', '').split(';')) {
      if (isSet) this.modes.add(mode);
      else this.modes.delete(mode);
      if (mode === '1049' && isSet) this.#alternate = this.#blank();
    }
  }
}
