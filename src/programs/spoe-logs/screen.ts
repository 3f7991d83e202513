/** The terminal that the program writes to, and a text on it that changes. */
import { stripVTControlCharacters } from 'node:util';
import type { TableOptions } from '../../report/table.ts';
import { displayWidth, truncate } from '../../report/width.ts';

/** The shortest interval of redraws, so that a screen can be read while it changes. */
const REDRAW_MS = 250;
/** The time that a timer may be early. */
const EARLY_MS = 20;
/** The longest interval of redraws: the age of the last event is on the screen, and its absence changes the verdict. */
const STALE_MS = 1000;
/** The interval at which a terminal that cannot be drawn over gets a whole new text. */
const DUMB_EVERY_MS = 10_000;

export interface TerminalSize {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/** The size of the terminal of standard output. A serial line or a container that was told none has 0 x 0: it is not known. */
export function terminalSize(): TerminalSize {
  const { columns, rows } = process.stdout;
  return { columns: columns || undefined, rows: rows || undefined };
}

/** Width, colour and characters of standard output; NO_COLOR, FORCE_COLOR, TERM and the locale are respected. */
export function tableOptions(): TableOptions {
  const { NO_COLOR, FORCE_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  const color = forced || (process.stdout.isTTY === true && !NO_COLOR && FORCE_COLOR === undefined && TERM !== 'dumb');
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  const unicode = process.stdout.isTTY !== true || /utf-?8/i.test(locale) || process.platform === 'darwin';
  return { width: Math.min(terminalSize().columns ?? 100, 100), color, unicode };
}

/** Whether standard output is a terminal that can be drawn over. */
export function canRedraw(): boolean {
  return process.stdout.isTTY === true && !isDumb();
}

/** Whether the terminal can be filled: a person looks at it, and none of a build's logs. */
export function canFillScreen(): boolean {
  const { CI } = process.env;
  return canRedraw() && (CI === undefined || CI === '' || CI === 'false' || CI === '0');
}

/** Whether the terminal shows escapes as they are: an editor's, a serial line. */
function isDumb(): boolean {
  return process.stdout.isTTY === true && process.env.TERM === 'dumb';
}

/** The interval at which the text is written where it cannot be drawn over; undefined is at the end only. */
export function rewriteMs(everyMs: number | undefined): number | undefined {
  return everyMs ?? (isDumb() ? DUMB_EVERY_MS : undefined);
}

/** The most lines of a text on the terminal: the last one is the cursor's. Undefined where there is no terminal. */
export function screenHeight(): number | undefined {
  return process.stdout.isTTY === true ? Math.max(1, (terminalSize().rows ?? 40) - 1) : undefined;
}

/** Escapes that clear from the cursor to the end of its line, and of the screen. */
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
/** The escape that clears the whole screen and moves the cursor to its top. */
const CLEAR_ALL = '\x1b[2J\x1b[H';

export interface DisplayOptions {
  /** True when standard output can be drawn over. */
  readonly redraws: boolean;
  /** The interval of the text; undefined is as often as it changes where it is drawn over, elsewhere at the end only. */
  readonly everyMs: number | undefined;
  /** True when the first word of the text is a verdict: where nothing is drawn over, another one is shown at once. */
  readonly hasVerdict: boolean;
  readonly write?: (text: string) => void;
  /** A monotonic clock, ms. */
  readonly now?: () => number;
  readonly size?: () => TerminalSize;
}

/**
 * Shows a text that changes: at once, and then again and again. On a terminal it is drawn over the one before, at most
 * four times a second; elsewhere it is written anew, or only at the end.
 */
export class Display {
  readonly #render: () => string;
  readonly #redraws: boolean;
  readonly #periodMs: number | undefined;
  readonly #hasVerdict: boolean;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #size: () => TerminalSize;
  readonly #timer: NodeJS.Timeout | undefined;
  #changed = false;
  /** What leads from the end of the text on the terminal to its beginning; undefined before the first. */
  #back: string | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  #renderedAt = Number.NEGATIVE_INFINITY;
  #verdict = '';
  readonly #onResize = () => this.#resize();

  constructor(render: () => string, { redraws, everyMs, hasVerdict, write, now, size = terminalSize }: DisplayOptions) {
    this.#render = render;
    this.#redraws = redraws;
    this.#periodMs = everyMs ?? (redraws ? REDRAW_MS : undefined);
    this.#hasVerdict = hasVerdict;
    this.#write = write ?? ((text) => process.stdout.write(text));
    this.#size = size;
    this.#now = now ?? (() => performance.now());
    if (this.#periodMs !== undefined) this.#timer = setInterval(() => this.look(), REDRAW_MS);
    this.#timer?.unref();
    if (redraws) process.stdout.on('resize', this.#onResize);
  }

  /** Tells that the text has changed. */
  changed(): void {
    this.#changed = true;
  }

  /** Stops the timer that shows the text. */
  stop(): void {
    clearInterval(this.#timer);
    process.stdout.off('resize', this.#onResize);
  }

  /** Shows the final text and ends. */
  finish(text: string): void {
    this.stop();
    if (this.#redraws) this.#replace(text.trimEnd().split('\n'));
    else this.#write(text);
  }

  /** Shows the text if it is time to. */
  look(): void {
    const sinceMs = this.#now() - this.#shownAt + EARLY_MS;
    const periodMs = this.#periodMs ?? Number.POSITIVE_INFINITY;
    const mayStay = this.#redraws && !this.#changed;
    if (sinceMs >= (mayStay ? Math.max(periodMs, STALE_MS) : periodMs)) this.#show(this.#rendered());
    else if (!this.#redraws && this.#hasVerdict && this.#now() - this.#renderedAt + EARLY_MS >= STALE_MS) {
      const text = this.#rendered();
      if (verdictOf(text) !== this.#verdict) this.#show(text);
    }
  }

  #rendered(): string {
    this.#renderedAt = this.#now();
    return this.#render();
  }

  #show(text: string): void {
    this.#changed = false;
    this.#shownAt = this.#now();
    this.#verdict = verdictOf(text);
    if (this.#redraws) this.#replaceCut(text.trimEnd().split('\n').slice(0, screenHeight()));
    else this.#write(text);
  }

  /** Draws anew: after a resize the old text is somewhere else, and may take more lines. */
  #resize(): void {
    if (this.#back === undefined) return;
    this.#write(CLEAR_ALL);
    this.#back = undefined;
    this.#show(this.#rendered());
  }

  /** Draws a text that stays until the next one: no line of it may take two, for the next one would begin too low. */
  #replaceCut(lines: readonly string[]): void {
    const { columns = Number.POSITIVE_INFINITY, rows } = this.#size();
    const cut = lines.map((line) => {
      const plain = stripVTControlCharacters(line);
      return displayWidth(plain) <= columns ? line : truncate(plain, columns, '');
    });
    if (rows !== 1) {
      this.#replace(cut);
      return;
    }
    // The end of a line would push it out of the only row.
    this.#write(`\r${cut[0] ?? ''}${CLEAR_LINE}`);
    this.#back = '\r';
  }

  #replace(lines: readonly string[]): void {
    if (this.#back === undefined) {
      this.#write(`${lines.join('\n')}\n`);
    } else {
      // Line by line over the old text: clearing the whole screen first would push it into the terminal's history.
      const text = lines.map((line) => `${line}${CLEAR_LINE}\n`).join('');
      this.#write(`${this.#back}${text}${CLEAR_BELOW}`);
    }
    this.#back = `\x1b[${lines.length}A\r`;
  }
}

function verdictOf(text: string): string {
  return text.slice(0, text.search(/\s/));
}
