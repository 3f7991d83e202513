/** What the command line knows about the terminal it writes to. */
import type { TableOptions } from '../report/table.ts';

/** At most this often, so that a screen can be read while it changes. */
const REDRAW_MS = 250;
/** At least this often: the screen says how old its last event is. */
const STALE_MS = 1000;
/** How often a terminal that cannot be drawn over gets a whole new text. */
const DUMB_EVERY_MS = 10_000;

/** Width, colour and characters of standard output; NO_COLOR, FORCE_COLOR, TERM and the locale are respected. */
export function tableOptions(): TableOptions {
  const { NO_COLOR, FORCE_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  const color = forced || (process.stdout.isTTY === true && !NO_COLOR && FORCE_COLOR === undefined && TERM !== 'dumb');
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  const unicode = process.stdout.isTTY !== true || /utf-?8/i.test(locale) || process.platform === 'darwin';
  return { width: Math.min(process.stdout.columns ?? 100, 100), color, unicode };
}

/** Whether standard output is a terminal that can be drawn over. */
export function canRedraw(): boolean {
  return process.stdout.isTTY === true && !isDumb();
}

/** A terminal that shows escapes as they are: an editor's, a serial line. */
function isDumb(): boolean {
  return process.stdout.isTTY === true && process.env.TERM === 'dumb';
}

/** How often the text is written where it cannot be drawn over; undefined: at the end only. */
export function rewriteMs(everyMs: number | undefined): number | undefined {
  return everyMs ?? (isDumb() ? DUMB_EVERY_MS : undefined);
}

/** Lines of a screen that can be drawn over: the last one is the cursor's. */
export function screenHeight(): number {
  return Math.max(1, (process.stdout.rows ?? 40) - 1);
}

/** From the cursor to the end of its line, and of the screen. */
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
/** The whole screen, and the cursor to its top. */
const CLEAR_ALL = '\x1b[2J\x1b[H';

/**
 * Shows a text that changes. On a terminal it is drawn over the one before, at most four times a second; elsewhere it
 * is written every `everyMs`, or only at the end.
 */
export class Display {
  readonly #render: () => string;
  readonly #redraws: boolean;
  readonly #timer: NodeJS.Timeout | undefined;
  #changed = false;
  #drawnLines = 0;
  #drawnAt = 0;
  readonly #onResize = () => this.#resize();

  /** `redraws`: standard output is a terminal and the text is a screen. */
  constructor(render: () => string, redraws: boolean, everyMs: number | undefined) {
    this.#render = render;
    this.#redraws = redraws;
    const periodMs = everyMs ?? (redraws ? REDRAW_MS : undefined);
    if (periodMs !== undefined) this.#timer = setInterval(() => this.#show(), periodMs);
    this.#timer?.unref();
    if (redraws) process.stdout.on('resize', this.#onResize);
  }

  /** The text would be another one now. */
  changed(): void {
    this.#changed = true;
  }

  /** Shows nothing more by itself. */
  stop(): void {
    clearInterval(this.#timer);
    process.stdout.off('resize', this.#onResize);
  }

  /** Shows the final text and ends. */
  finish(text: string): void {
    this.stop();
    if (this.#redraws) this.#replace(text.trimEnd().split('\n'));
    else process.stdout.write(text);
  }

  #show(): void {
    if (!this.#redraws) process.stdout.write(this.#render());
    else if (this.#changed || performance.now() - this.#drawnAt >= STALE_MS) this.#draw();
    this.#changed = false;
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    this.#replace(this.#render().trimEnd().split('\n').slice(0, screenHeight()));
  }

  /** What was drawn is somewhere else now, and may take more lines. */
  #resize(): void {
    if (this.#drawnLines === 0) return;
    process.stdout.write(CLEAR_ALL);
    this.#drawnLines = 0;
    this.#draw();
  }

  #replace(lines: readonly string[]): void {
    if (this.#drawnLines === 0) {
      process.stdout.write(`${lines.join('\n')}\n`);
    } else {
      // Line by line over the old text: clearing the whole screen first would push it into the terminal's history.
      const text = lines.map((line) => `${line}${CLEAR_LINE}\n`).join('');
      process.stdout.write(`\x1b[${this.#drawnLines}A\r${text}${CLEAR_BELOW}`);
    }
    this.#drawnLines = lines.length;
  }
}
