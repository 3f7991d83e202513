/** A program that a test starts, with what it has said. None outlives its test file, however that ends. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { after } from 'node:test';

/** More than the grace of an agent, on a machine that is busy. */
const PATIENCE_MS = 30_000;
const SAYING_MS = 60_000;

const running = new Set<ChildProcess>();

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

after(killAll);
// A run that is cut short (Ctrl-C, the time limit of the test runner) asks no hook of a test.
process.on('exit', killAll);
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

export class Child {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** On both, as it came. */
  said = '';
  /** The exit code; null when a signal ended it, negative when it could not be started. */
  readonly exit: Promise<number | null>;
  #isOver = false;
  readonly #listeners = new Set<() => void>();

  constructor(command: string, args: readonly string[], options: SpawnOptions) {
    this.child = spawn(command, args, options);
    running.add(this.child);
    for (const stream of ['stdout', 'stderr'] as const) {
      this.child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        this[stream] += text;
        this.said += text;
        this.#tell();
      });
    }
    this.child.once('error', (error) => {
      this.said += error.message;
    });
    this.exit = new Promise((resolve) => {
      this.child.once('close', (code) => {
        running.delete(this.child);
        this.#isOver = true;
        this.#tell();
        resolve(code);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** False until it has ended and all it said is here. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Waits until it has said this; fails when it ends before, or says nothing of the kind for too long. */
  async sees(wanted: string | RegExp, where: 'stdout' | 'said' = 'said'): Promise<void> {
    const isSeen = () => (typeof wanted === 'string' ? this[where].includes(wanted) : wanted.test(this[where]));
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.#tell();
    }, SAYING_MS);
    try {
      while (!isSeen()) {
        if (this.#isOver) throw new Error(`ended without ${wanted}; it said: ${this.said}`);
        if (isLate) throw new Error(`not within ${SAYING_MS} ms: ${wanted}; it said: ${this.said}`);
        await new Promise<void>((resolve) => this.#listeners.add(resolve));
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** Tells it to end, if that is still needed, and waits for it: the exit code, or the signal that ended it. */
  async end(): Promise<number | NodeJS.Signals> {
    if (!this.#isOver) this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    const code = await this.exit;
    clearTimeout(late);
    return code ?? this.child.signalCode ?? 1;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
