/** Programs that the tests start, each with what it said; none of them outlives the test, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** More than the grace of an agent. */
const PATIENCE_MS = 10_000;

const running = new Set<ChildProcess>();
// A run that is cut short (Ctrl-C, the time limit of the test runner) asks no hook of a test.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

export class Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** On both streams. */
  said = '';
  #ended: number | NodeJS.Signals | undefined;
  readonly #exit: Promise<number | NodeJS.Signals>;

  constructor(command: string, args: readonly string[]) {
    // What loads and reports these tests is no affair of a program that was built.
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    this.process = child;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.said += text;
      });
    }
    child.once('error', (error) => {
      this.said += error.message;
    });
    this.#exit = once(child, 'close').then(
      ([code, signal]) => this.#gone(code ?? signal),
      () => this.#gone(1),
    );
  }

  #gone(how: number | NodeJS.Signals): number | NodeJS.Signals {
    running.delete(this.process);
    this.#ended = how;
    return how;
  }

  /** How it ended; undefined while it runs. */
  get ended(): number | NodeJS.Signals | undefined {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Tells it to end, if that is still needed, and waits for it: the exit code, or the signal that ended it. */
  async end(): Promise<number | NodeJS.Signals> {
    if (this.#ended === undefined) this.process.kill('SIGTERM');
    const late = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE_MS);
    const how = await this.#exit;
    clearTimeout(late);
    return how;
  }
}
