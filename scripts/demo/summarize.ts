/** `spoe-logs summarize`, reading from us as from `tail -f`. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { ROOT, ScriptError } from '../project.mjs';
import type { Cleanup } from './cleanup.ts';
import type { Ending } from './ending.ts';

const PROGRAM = join(ROOT, 'bin/spoe-logs.js');
/** What it has for its last screen when the demo is interrupted. */
const LAST_MS = 5000;

export class Summarize {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #finishing = false;

  constructor(cleanup: Cleanup, ending: Ending) {
    this.#child = cleanup.start(process.execPath, [PROGRAM, 'summarize'], { stdio: ['pipe', 'inherit', 'inherit'] });
    this.input.on('error', () => {}); // It ended first: its exit code says so.
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', () => resolve(1));
      this.#child.once('close', (code, signal) => {
        if (!this.#finishing) {
          ending.fail(new ScriptError(`spoe-logs summarize ended with ${signal ?? code} (summarize-ended)`));
        }
        resolve(code ?? 1);
      });
    });
    // A terminal has sent Ctrl-C to summarize too: the end of its input lets it finish its last screen.
    cleanup.add(async () => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), LAST_MS);
      await this.finish();
      clearTimeout(timer);
    });
  }

  get input(): Writable {
    if (this.#child.stdin === null) throw new Error('summarize has no input');
    return this.#child.stdin;
  }

  /** Lets it write its last screen; resolves with its exit code when it has. */
  async finish(): Promise<number> {
    this.#finishing = true;
    this.input.end();
    return await this.#ended;
  }
}
