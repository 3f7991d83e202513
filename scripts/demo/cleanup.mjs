/** Everything the demo starts or makes, and how it goes away again, whichever way the demo ends. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../child.mjs';

/** The path of a unix socket has at most 104 to 108 bytes; HAProxy adds some to it while it binds. */
const MAX_FOLDER = 70;

export class Cleanup {
  #steps = [];
  #children = new Set();
  #folder;

  constructor() {
    // For what cannot wait: a second Ctrl-C, an error nobody caught.
    process.once('exit', this.#now);
  }

  #now = () => {
    for (const child of this.#children) child.kill('SIGKILL');
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  };

  /** The latest step is done first. */
  add(step) {
    this.#steps.push(step);
  }

  makeFolder() {
    const base = tmpdir().length > MAX_FOLDER ? '/tmp' : tmpdir();
    this.#folder = mkdtempSync(join(base, 'spoe-logs-demo-'));
    return this.#folder;
  }

  /** A program that does not outlive the demo. */
  start(command, args, options) {
    const child = start(command, args, options);
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

  async run() {
    for (const step of this.#steps.splice(0).reverse()) await step();
    this.#now();
    process.off('exit', this.#now);
  }
}
