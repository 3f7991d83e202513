/** Why the demo ends before its time: Ctrl-C, a signal, npm is gone, or something it needs has failed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signalExitCode } from '../child.mjs';

/** SIGHUP is a terminal that was closed: spoa-mirror and HAProxy take that for "reopen the log" and would live on. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const LOOK_MS = 100;

/** Somebody wants it to end: nothing to report. */
class Interruption extends Error {
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(signal);
    this.exitCode = signalExitCode(signal);
  }
}

export class Ending {
  readonly #controller = new AbortController();

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
    // A SIGTERM to npm alone ends npm and its shell, not this process: nobody watches then.
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && this.fail(new Interruption('SIGTERM')), LOOK_MS).unref();
  }

  /** The first one ends the demo in order, the second one at once; Cleanup has the last word in both cases. */
  readonly #interrupt = (signal: NodeJS.Signals) => {
    const interruption = new Interruption(signal);
    if (this.signal.reason instanceof Interruption) process.exit(interruption.exitCode);
    this.fail(interruption);
  };

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code when it was interrupted. */
  get exitCode(): number | undefined {
    const reason: unknown = this.signal.reason;
    return reason instanceof Interruption ? reason.exitCode : undefined;
  }

  /** Whatever the demo waits for is rejected with this; only the first reason counts. */
  fail(error: Error): void {
    this.#controller.abort(error);
  }

  /** Waits for something of which nobody knows whether it will ever come. */
  async until<T>(promise: Promise<T> | T): Promise<T> {
    const { signal } = this;
    signal.throwIfAborted();
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async sleep(ms: number): Promise<void> {
    const { signal } = this;
    await sleep(ms, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
  }

  /** Asks again and again until it is so. */
  async untilTrue(isSo: () => boolean | Promise<boolean>, everyMs = 10): Promise<void> {
    while (!(await this.until(isSo()))) await this.sleep(everyMs);
  }

  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
  }
}
