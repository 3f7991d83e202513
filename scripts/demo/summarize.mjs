/** `spoe-logs summarize`, reading from us as from `tail -f`. */
import { join } from 'node:path';
import { ROOT, ScriptError } from '../project.mjs';

const PROGRAM = join(ROOT, 'bin/spoe-logs.js');
/** What it has for its last screen when the demo is interrupted. */
const LAST_MS = 1000;

export class Summarize {
  #child;
  #ended;
  #finishing = false;

  constructor(cleanup, ending) {
    this.#child = cleanup.start(process.execPath, [PROGRAM, 'summarize'], { stdio: ['pipe', 'inherit', 'inherit'] });
    this.#child.stdin.on('error', () => {}); // It ended first: its exit code says so.
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

  get input() {
    return this.#child.stdin;
  }

  /** Lets it write its last screen; resolves with its exit code when it has. */
  async finish() {
    this.#finishing = true;
    this.#child.stdin.end();
    return await this.#ended;
  }
}
