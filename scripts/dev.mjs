// @ts-check
/**
 * npm run dev: builds the programs whenever a source changes, and runs a command after each build.
 *
 *   npm run dev -- node bin/spoe-logs.js explain --trace 'SPOE: …'
 *   npm run dev -- node bin/spoa-mirror.js -r0 -p 12345
 *
 * What still runs from the build before is ended first. Ctrl-C ends all. It is JavaScript because it may have to install tsx first.
 */
import { once } from 'node:events';
import { endWithChildren, start } from './child.mjs';
import { main, requireNode, ScriptError } from './project.mjs';
import { ensureInstalled } from './setup.mjs';

/** What a command has to end by itself; an agent answers what is under way. */
const GRACE_MS = 5000;

/** Runs one command at a time: the latest build counts, those in between are left out. */
class Rerun {
  #command;
  #args;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #isEnding = false;

  /**
   * @param {string} command
   * @param {string[]} args
   */
  constructor(command, args) {
    this.#command = command;
    this.#args = args;
  }

  async again() {
    // The build that is there when the old one has ended is the latest.
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#end();
    this.#isEnding = false;
    console.log(`\n── ${[this.#command, ...this.#args].join(' ')}`);
    /** @type {import('node:child_process').SpawnOptions & { killSignal?: string }} */
    const options = { stdio: 'inherit' };
    const child = start(this.#command, this.#args, options);
    this.#child = child;
    child.once('error', (error) => console.error(`spoe-logs: ${error.message}`));
    child.once('close', (code, signal) => console.log(`── ended with ${signal ?? code}; waiting for a change`));
  }

  async #end() {
    const child = this.#child;
    if (child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await closed;
    clearTimeout(timer);
  }
}

await main(async () => {
  requireNode();
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) throw new ScriptError('npm run dev -- COMMAND…: which command? (usage)');
  endWithChildren();
  await ensureInstalled();
  const { ensureBuilt, watchPrograms } = await import('./build.mjs');
  await ensureBuilt();
  const rerun = new Rerun(command, args);
  await watchPrograms((errors) => {
    if (errors.length === 0) void rerun.again();
  });
});
