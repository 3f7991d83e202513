/** A program of ours in a pseudo-terminal, of which pictures are taken. It takes Python, which has one. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../demo/cleanup.ts';
import type { Ending } from '../demo/ending.ts';
import { ScriptError } from '../project.mjs';
import { type Run, VtScreen } from './vt-screen.ts';

const DRIVER = fileURLToPath(new URL('pseudo-terminal.py', import.meta.url));

export class RecordedTerminal {
  readonly #screen: VtScreen;
  readonly #child: ChildProcess;
  #isQuitting = false;

  constructor(
    command: readonly string[],
    { columns, rows, cwd }: { readonly columns: number; readonly rows: number; readonly cwd: string },
    cleanup: Cleanup,
    ending: Ending,
  ) {
    this.#screen = new VtScreen(columns, rows);
    const { CI: _, NO_COLOR: _none, ...env } = process.env;
    this.#child = cleanup.start('python3', [DRIVER, String(columns), String(rows), ...command], {
      cwd,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...env, TERM: 'xterm-256color', TZ: 'UTC' },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#screen.write(text));
    this.#child.stdin?.on('error', () => {}); // It has ended: that is told below.
    this.#child.once('error', ({ message }) => ending.fail(new ScriptError(`no terminal: ${message} (no-python)`)));
    this.#child.once('close', (code) => {
      if (this.#isQuitting) return;
      const last = this.#screen.text.split('\n').at(-1);
      ending.fail(new ScriptError(`what the terminal shows has ended with ${code}: ${last} (terminal-ended)`));
    });
  }

  /** The rows as they are now. */
  get runs(): Run[][] {
    return this.#screen.runs;
  }

  type(keys: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ keys })}\n`);
  }

  /** Ends the program by its key, and waits for it. */
  async quit(): Promise<void> {
    this.#isQuitting = true;
    const closed = once(this.#child, 'close');
    this.type('q');
    await closed;
  }
}
