/** Everything the demo starts or makes, and how it goes away again, whichever way the demo ends. */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../child.mjs';

/** The path of a unix socket has at most 104 to 108 bytes; HAProxy adds some to it while it binds. */
const MAX_FOLDER = 70;

export class Cleanup {
  readonly #steps: (() => unknown)[] = [];
  readonly #children = new Set<ChildProcess>();
  #folder: string | undefined;

  constructor() {
    // For what cannot wait: a second Ctrl-C, an error nobody caught.
    process.once('exit', this.#now);
  }

  readonly #now = () => {
    for (const child of this.#children) child.kill('SIGKILL');
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  };

  /** The latest step is done first. */
  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  makeFolder(): string {
    const base = tmpdir().length > MAX_FOLDER ? '/tmp' : tmpdir();
    this.#folder = mkdtempSync(join(base, 'spoe-logs-demo-'));
    return this.#folder;
  }

  /** A program that does not outlive the demo. */
  start(command: string, args: readonly string[], options: Omit<SpawnOptions, 'killSignal'>): ChildProcess {
    const child = start(command, args, { killSignal: 'SIGTERM', ...options });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    this.add(async () => {
      if (!this.#children.has(child)) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    });
    return child;
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
    this.#now();
    process.off('exit', this.#now);
  }
}
