/**
 * The full-screen view on a terminal: its alternate screen, its keys, its size, and how it is left as it was, whatever ends
 * or suspends the program. Loaded only where one is drawn (a bundle of its own).
 */
import { openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { Frame, paintRow } from '../../cockpit/frame.ts';
import { type Key, KeyDecoder } from '../../cockpit/key-decoder.ts';
import type { Mode } from '../../cockpit/keys.ts';
import type { Picture } from '../../cockpit/model.ts';
import { type FrozenWords, makeScreen, type Screen, type ScreenSize } from '../../cockpit/screen.ts';
import { type CockpitState, type Effect, initialState, press } from '../../cockpit/state.ts';
import { screenStyle } from '../../report/screen.ts';
import type { Interruption } from './interrupt.ts';
import { tableOptions, terminalSize } from './screen.ts';

/** The shortest interval of redraws for what has come; a key is answered at once. */
const REDRAW_MS = 250;
/** The longest: ages and silence go on without a line. */
const STALE_MS = 1000;
/** A pipe that has ended by then was no log that goes on: its summary is written, and nothing flashes. */
const OPENS_AFTER_MS = 500;
/** A terminal sends the bytes of a key together; Esc alone is a key after this time. */
const ESC_MS = 50;
/** A job whose group nobody can continue is not suspended at all, and goes on. */
const NOT_SUSPENDED_MS = 200;

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[2J';
const LEAVE = '\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';
const CLEAR = '\x1b[2J';

/** What a screen that stands still says of the present. */
export interface Brief {
  /** The word of the verdict. */
  readonly verdict: string;
  /** Events so far. */
  readonly events: number;
  /** The age of the last one, in words. */
  readonly age: string;
}

export interface CockpitOptions<Moment> {
  readonly mode: Mode;
  /** The present; with `still`, a copy that does not change. */
  readonly capture: (still: boolean) => Moment;
  readonly picture: (moment: Moment, state: CockpitState, size: ScreenSize & { readonly unicode: boolean }) => Picture;
  readonly brief: (moment: Moment) => Brief;
  readonly reset?: () => void;
  readonly interruption: Interruption;
  /** The shortest interval at which the present is captured. */
  readonly captureMs?: number;
}

/** Signals that end a program and that it may hear of; SIGINT and SIGTERM end the reading, and so the screen. */
const ENDING = ['SIGHUP', 'SIGQUIT', 'SIGALRM', 'SIGUSR2'] as const;

/** Where keys come from: standard input, or, where that is a log, the terminal itself. Undefined without one. */
export function openKeys(): ReadStream | undefined {
  if (process.stdin.isTTY) return process.stdin;
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'));
  } catch {
    return undefined;
  }
}

export class Cockpit<Moment> {
  readonly #options: CockpitOptions<Moment>;
  readonly #keys: ReadStream;
  readonly #timer: NodeJS.Timeout;
  readonly #openTimer: NodeJS.Timeout;
  readonly #frame = new Frame();
  readonly #decoder = new KeyDecoder();
  #escapeTimer: NodeJS.Timeout | undefined;
  #state: CockpitState;
  #moment: Moment | undefined;
  #screen: Screen | undefined;
  #isOpen = false;
  #isEnded = false;
  #changed = true;
  #capturedAt = Number.NEGATIVE_INFINITY;
  #drawPlanned = false;
  #frozen: (Brief & { readonly sinceMs: number }) | undefined;
  #now: Brief = { events: 0, verdict: '', age: '' };

  constructor(options: CockpitOptions<Moment>, keys: ReadStream) {
    this.#options = options;
    this.#keys = keys;
    this.#state = initialState(options.mode);
    this.#timer = setInterval(() => this.#look(), REDRAW_MS).unref();
    this.#openTimer = setTimeout(() => this.#begin(), OPENS_AFTER_MS).unref();
  }

  /** Tells that something has come. */
  changed(): void {
    this.#changed = true;
  }

  /** Leaves the full screen. */
  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#timer);
    clearTimeout(this.#openTimer);
    clearTimeout(this.#escapeTimer);
    this.#leave();
    process.off('exit', this.#onExit);
    process.off('uncaughtExceptionMonitor', this.#onExit);
    for (const signal of ENDING) process.off(signal, this.#onEnding);
    process.off('SIGCONT', this.#onContinue);
    process.off('SIGTSTP', this.#onStop);
    process.stdout.off('resize', this.#onResize);
    this.#keys.off('data', this.#onData);
    this.#keys.off('end', this.#onEnd);
    if (this.#keys !== process.stdin) this.#keys.destroy();
  }

  /** Leaves the full screen, and the final text behind. */
  finish(text: string): void {
    this.stop();
    process.stdout.write(text);
  }

  #begin(): void {
    process.on('exit', this.#onExit);
    process.on('uncaughtExceptionMonitor', this.#onExit);
    for (const signal of ENDING) process.on(signal, this.#onEnding);
    process.on('SIGCONT', this.#onContinue);
    process.on('SIGTSTP', this.#onStop);
    process.stdout.on('resize', this.#onResize);
    this.#keys.on('data', this.#onData);
    this.#keys.on('end', this.#onEnd);
    this.#keys.on('error', this.#onEnd);
    this.#enter();
    this.#look();
  }

  #enter(): void {
    if (this.#isOpen || this.#isEnded) return;
    this.#isOpen = true;
    this.#keys.setRawMode(true);
    this.#keys.resume();
    this.#write(ENTER + (this.#state.mouse ? MOUSE_ON : ''));
    this.#frame.forget();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#write(MOUSE_OFF + LEAVE);
    try {
      this.#keys.setRawMode(false);
      this.#keys.pause();
    } catch {
      // The terminal is gone.
    }
  }

  /** At once, for the program may end with the next statement. */
  #write(text: string): void {
    try {
      writeSync(1, text);
    } catch {
      // Nobody looks any more; what is written next reports it.
    }
  }

  readonly #onExit = () => this.#leave();

  /** Ends as the signal would, with the terminal as it was. */
  readonly #onEnding = (signal: NodeJS.Signals) => {
    this.stop();
    process.kill(process.pid, signal);
  };

  readonly #onEnd = () => this.#options.interruption.stop();

  /** Suspends as the terminal's own Ctrl-Z would, once the screen is left. */
  readonly #onStop = () => {
    this.#leave();
    process.off('SIGTSTP', this.#onStop);
    process.kill(process.pid, 'SIGTSTP');
    setTimeout(this.#onContinue, NOT_SUSPENDED_MS).unref();
  };

  readonly #onContinue = () => {
    if (this.#isEnded) return;
    process.off('SIGTSTP', this.#onStop);
    process.on('SIGTSTP', this.#onStop);
    // Whatever was written meanwhile is on the screen, and the terminal's modes may be others.
    this.#leave();
    this.#enter();
    this.#draw();
  };

  readonly #onResize = () => {
    if (!this.#isOpen) return;
    this.#frame.forget();
    this.#write(CLEAR);
    this.#draw();
  };

  readonly #onData = (bytes: Buffer) => {
    clearTimeout(this.#escapeTimer);
    this.#take(this.#decoder.feed(bytes));
    if (this.#decoder.waits) this.#escapeTimer = setTimeout(() => this.#take(this.#decoder.flush()), ESC_MS).unref();
  };

  #take(keys: readonly Key[]): void {
    for (const key of keys) {
      if (this.#isEnded || !this.#isOpen || this.#screen === undefined) return;
      const before = this.#state;
      const { state, effect } = press(before, key, this.#screen.seen);
      this.#state = state;
      if (effect !== undefined) this.#do(effect);
      // The next key is about other rows.
      if (isOther(before, state)) this.#compose();
    }
    if (keys.length > 0) this.#planDraw();
  }

  /** One picture for keys that came together. */
  #planDraw(): void {
    if (this.#drawPlanned) return;
    this.#drawPlanned = true;
    setImmediate(() => {
      this.#drawPlanned = false;
      this.#draw();
    });
  }

  #do(effect: Effect): void {
    switch (effect) {
      case 'quit':
        this.#options.interruption.quit();
        break;
      case 'interrupt':
        // As the terminal would: whoever feeds the pipe is told, too.
        process.kill(0, 'SIGINT');
        break;
      case 'suspend':
        process.kill(0, 'SIGTSTP');
        break;
      case 'redraw':
        this.#frame.forget();
        this.#write(CLEAR);
        break;
      case 'freeze':
        this.#capture(true);
        this.#frozen = { sinceMs: performance.now(), ...this.#now };
        break;
      case 'go-on':
        this.#frozen = undefined;
        this.#capture(false);
        break;
      case 'reset':
        this.#options.reset?.();
        this.#capture(false);
        break;
      case 'mouse':
        this.#write(this.#state.mouse ? MOUSE_ON : MOUSE_OFF);
        break;
    }
  }

  #capture(still: boolean): void {
    this.#moment = this.#options.capture(still);
    this.#now = this.#options.brief(this.#moment);
    this.#capturedAt = performance.now();
    this.#changed = false;
  }

  /** Draws what has come, if it is time to. */
  #look(): void {
    if (!this.#isOpen) return;
    const sinceMs = performance.now() - this.#capturedAt + 20;
    const { captureMs = REDRAW_MS } = this.#options;
    if (sinceMs < (this.#changed ? captureMs : Math.max(captureMs, STALE_MS))) return;
    if (this.#frozen === undefined) this.#capture(false);
    else if (sinceMs >= STALE_MS) {
      // The picture stays; only what is said of the present goes on.
      this.#now = this.#options.brief(this.#options.capture(false));
      this.#capturedAt = performance.now();
    } else return;
    this.#draw();
  }

  get #size(): ScreenSize {
    const { columns = 80, rows = 24 } = terminalSize();
    return { width: columns, height: rows };
  }

  #compose(): Screen | undefined {
    const moment = this.#moment;
    if (moment === undefined) return undefined;
    const { unicode = true } = tableOptions();
    const size = this.#size;
    const picture = this.#options.picture(moment, this.#state, { ...size, unicode });
    this.#screen = makeScreen(picture, this.#state, size, screenStyle(size.width, unicode), this.#frozenWords());
    this.#state = this.#screen.state;
    return this.#screen;
  }

  #frozenWords(): FrozenWords | undefined {
    const frozen = this.#frozen;
    if (frozen === undefined) return undefined;
    const { events, verdict, age } = this.#now;
    return {
      forMs: performance.now() - frozen.sinceMs,
      events: events - frozen.events,
      age,
      verdict: verdict === frozen.verdict ? undefined : verdict,
    };
  }

  #draw(): void {
    if (!this.#isOpen) return;
    const screen = this.#compose();
    if (screen === undefined) return;
    const { color = false } = tableOptions();
    const { width } = this.#size;
    const text = this.#frame.draw(screen.rows.map((row) => paintRow(row, width, color)));
    if (text !== '') process.stdout.write(text);
  }
}

/** Whether other rows are seen after a key. */
function isOther(before: CockpitState, after: CockpitState): boolean {
  return (
    before.opened !== after.opened ||
    before.lines?.chosen !== after.lines?.chosen ||
    before.filter !== after.filter ||
    before.lines?.filter !== after.lines?.filter ||
    before.sort !== after.sort ||
    before.frozen !== after.frozen ||
    (before.help === undefined) !== (after.help === undefined)
  );
}
