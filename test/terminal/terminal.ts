/** A command in a real pseudo-terminal, what is typed into it, and what it shows. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VtScreen } from '../../scripts/terminal/vt-screen.ts';
import { Child } from '../child.ts';
import { environment } from '../programs/spoe-logs/run.ts';
import { until } from '../until.ts';

const CLI = fileURLToPath(new URL('../../bin/spoe-logs.js', import.meta.url));
const DRIVER = fileURLToPath(new URL('../../scripts/terminal/pseudo-terminal.py', import.meta.url));

/** Why these tests cannot run here; false where they can. */
export const NO_TERMINAL: string | false =
  process.platform === 'win32' || spawnSync('python3', ['-c', 'import pty']).status !== 0
    ? 'python3 with its pty module is not there'
    : false;

/** The longest that a command may take to end. */
const ENDING_MS = 60_000;

/** Modes of a terminal that nobody has changed. */
const AS_FOUND = '25,7';

export class Terminal {
  readonly screen: VtScreen;
  readonly #child: Child;
  #written = 0;

  /** @param command a shell's; `$SPOE_LOGS` is the program */
  constructor(command: string, { columns = 80, rows = 24, env = {} } = {}) {
    this.screen = new VtScreen(columns, rows);
    const text = command.replaceAll('$SPOE_LOGS', `"${process.execPath}" "${CLI}"`);
    this.#child = new Child('python3', [DRIVER, String(columns), String(rows), '/bin/sh', '-c', text], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment({ TERM: 'xterm-256color', CI: undefined, ...env }),
    });
  }

  /** The exit code; fails when it does not end, with what it shows. */
  get exit(): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#read();
        reject(new Error(`it has not ended within ${ENDING_MS} ms; it shows:\n${this.screen.text}`));
      }, ENDING_MS);
      void this.#child.exit.then((code) => {
        clearTimeout(late);
        this.#read();
        resolve(code);
      });
    });
  }

  /** Everything that the terminal was sent. */
  get sent(): string {
    return this.#child.stdout;
  }

  type(keys: string): void {
    this.#tell({ keys });
  }

  resize(columns: number, rows: number): void {
    this.#read();
    this.screen.resize(columns, rows);
    this.#tell({ size: [columns, rows] });
  }

  /** Sends a signal to whoever is in front. */
  signal(signal: string): void {
    this.#tell({ signal });
  }

  /**
   * The screen once it shows what is wanted. A picture may come in pieces, from above to below: until its last piece is there
   * the rows below are those of the picture before.
   */
  async shows(wanted: RegExp | ((text: string) => boolean)): Promise<string> {
    const isWanted = wanted instanceof RegExp ? (text: string) => wanted.test(text) : wanted;
    try {
      return await until(`the terminal shows ${wanted}`, () => {
        this.#read();
        const { text } = this.screen;
        return isWanted(text) && text;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows:\n${this.screen.text}`, { cause: error });
    }
  }

  /** Whether cursor, wrapping, screen and mouse are as they were found. */
  get isRestored(): boolean {
    this.#read();
    return [...this.screen.modes].sort().join() === AS_FOUND;
  }

  #tell(what: object): void {
    this.#child.child.stdin?.write(`${JSON.stringify(what)}\n`);
  }

  #read(): void {
    const { stdout } = this.#child;
    this.screen.write(stdout.slice(this.#written));
    this.#written = stdout.length;
  }
}
