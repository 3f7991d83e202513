/** The standard error of a worker: passed on, except what V8 writes when its memory is used up. */
import type { Readable } from 'node:stream';

/** The first line of that: `<--- Last few GCs --->`, or, where it does not come so far, the error itself. */
const DYING = /^(?:<--- |FATAL ERROR: )/;
const OUT_OF_MEMORY = /^FATAL ERROR: .*(?:out of memory|heap limit|Allocation failed)/;
/** The most characters that are kept of a line without an end. */
const MAX_LINE = 4096;
/** The most lines that are kept until it is known whether memory is the reason of the end. */
const MAX_LAST_LINES = 64;

export class WorkerStderr {
  /** Resolves when all was read, which is after the end of the process. */
  readonly ended: Promise<void>;
  readonly #pass: (line: string) => void;
  #line = '';
  #isDying = false;
  #isOutOfMemory = false;
  readonly #last: string[] = [];

  /**
   * @param stream null where there was no file descriptor for it
   * @param pass gets each line, with its newline, that is passed on
   */
  constructor(stream: Readable | null | undefined, pass: (line: string) => void) {
    this.#pass = pass;
    stream?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    stream?.on('error', () => undefined);
    this.ended =
      stream === null || stream === undefined
        ? Promise.resolve()
        : new Promise((resolve) =>
            stream.once('close', () => {
              this.#end();
              resolve();
            }),
          );
  }

  /** True when the memory was used up: one line of the log says so instead of thirty lines of stack. */
  get ranOutOfMemory(): boolean {
    return this.#isOutOfMemory;
  }

  #read(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    this.#isDying ||= DYING.test(line);
    this.#isOutOfMemory ||= OUT_OF_MEMORY.test(line);
    if (line === '') return;
    if (!this.#isDying) this.#pass(`${line}\n`);
    else if (this.#last.length < MAX_LAST_LINES) this.#last.push(`${line}\n`);
  }

  #end(): void {
    this.#take(this.#line);
    if (!this.#isOutOfMemory) this.#last.forEach(this.#pass);
  }
}
