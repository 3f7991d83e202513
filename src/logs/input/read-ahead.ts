/** A pipe that a thread of its own reads while its bytes are scanned here. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PipeThreads } from '../pipe-into-ring.ts';
import type { OpenInput } from '../read.ts';
import { runReadingThread } from '../reading-threads.ts';
import { GATHERED_BYTES, PipeRing } from './pipe-ring.ts';

/** The bytes between two turns of timers and signals, where more wait. */
const TURN_BYTES = 1024 * 1024;

export class ReadAhead {
  readonly #input: OpenInput;
  readonly #ring = new PipeRing();
  readonly #stopping = new AbortController();
  readonly #over: Promise<void>;
  #isOver = false;
  #fault: unknown;
  #wake = () => {};

  /**
   * Starts the thread, which reads nothing yet.
   * @param onReady once, when it could; never, when it fails before
   */
  constructor(input: OpenInput, program: URL, onReady: () => void) {
    this.#input = input;
    const task = { fd: input.fd, ring: this.#ring.memory };
    const { signal } = this.#stopping;
    const onBatch = (word: 'ready' | 'more') => {
      if (word === 'ready') onReady();
      else this.#wake();
    };
    this.#over = runReadingThread<PipeThreads, 'pipe'>(program, 'pipe', task, { signal, onBatch })
      .catch((error) => {
        this.#fault = error;
      })
      .finally(() => {
        this.#isOver = true;
        this.#wake();
      });
  }

  /** Ends the thread; it ends by itself, too, with the pipe. */
  end(): void {
    this.#ring.end();
    this.#stopping.abort();
  }

  /** Has the thread read from here on; reads to the end of the pipe, or until the signal, and ends it. */
  async read(): Promise<void> {
    const { signal } = this.#input.control;
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      this.#ring.begin();
      await this.#scanUntilEnd();
    } finally {
      signal.removeEventListener('abort', wake);
      this.end();
      await this.#over;
    }
    // What the thread had read when it heard of the end.
    while (this.#takeOnce() > 0);
    if (this.#fault !== undefined) throw this.#fault;
  }

  async #scanUntilEnd(): Promise<void> {
    const { signal, onTurn } = this.#input.control;
    let untilTurn = TURN_BYTES;
    while (!signal.aborted) {
      const count = this.#takeOnce();
      untilTurn -= count;
      if (count >= GATHERED_BYTES && untilTurn > 0) continue;
      untilTurn = TURN_BYTES;
      await onTurn();
      await nextTurn();
      if (count > 0) continue;
      if (this.#isOver) return;
      await this.#more();
    }
  }

  /** Scans bytes that were read; gives their number. */
  #takeOnce(): number {
    const { feed } = this.#input;
    const count = this.#ring.take(feed.space());
    if (count > 0) feed.filled(count);
    return count;
  }

  /** Waits for bytes, the end of the thread, or the signal. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#isOver || this.#input.control.signal.aborted || !this.#ring.sleep()) resolve();
    });
  }
}
