/** Why the demo ends before its time: Ctrl-C, a signal, npm is gone, or something it needs has failed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signalExitCode } from '../child.mjs';

/** SIGHUP is a terminal that was closed: spoa-mirror and HAProxy take that for "reopen the log" and would live on. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const LOOK_MS = 100;

/** Somebody wants it to end: nothing to report. */
class Interruption extends Error {
  constructor(signal) {
    super(signal);
    this.exitCode = signalExitCode(signal);
  }
}

export class Ending {
  #controller = new AbortController();

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
    // A SIGTERM to npm alone ends npm and its shell, not this process: nobody watches then.
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && this.fail(new Interruption('SIGTERM')), LOOK_MS).unref();
  }

  /** The first one ends the demo in order, the second one at once; Cleanup has the last word in both cases. */
  #interrupt = (signal) => {
    const interruption = new Interruption(signal);
    if (this.signal.reason instanceof Interruption) process.exit(interruption.exitCode);
    this.fail(interruption);
  };

  get signal() {
    return this.#controller.signal;
  }

  /** The exit code when it was interrupted. */
  get exitCode() {
    return this.signal.reason?.exitCode;
  }

  /** Whatever the demo waits for is rejected with this; only the first reason counts. */
  fail(error) {
    this.#controller.abort(error);
  }

  /** Waits for something of which nobody knows whether it will ever come. */
  async until(promise) {
    const { signal } = this;
    signal.throwIfAborted();
    let onAbort;
    const aborted = new Promise((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async sleep(ms) {
    const { signal } = this;
    await sleep(ms, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
  }

  /** Asks again and again until it is so. */
  async untilTrue(isSo, everyMs = 10) {
    while (!(await this.until(isSo()))) await this.sleep(everyMs);
  }

  release() {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
  }
}
