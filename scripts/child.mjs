// @ts-check
/** Starts other programs and never leaves one behind when this one is told to end. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Each with the signal that ends it. @type {Map<import('node:child_process').ChildProcess, NodeJS.Signals>} */
const running = new Map();

/** npm-cli.js when npm itself runs this script: it is then the npm of the Node in use; otherwise the npm on the PATH. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) return { command: process.execPath, args: [cli] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

/**
 * Spawns a program that ends with this one: by options.killSignal. SIGTERM when it is not given, because a background
 * shell may have told its children to ignore SIGINT.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { killSignal?: NodeJS.Signals }} [options]
 */
export function start(command, args, { killSignal = 'SIGTERM', ...options } = {}) {
  const child = spawn(command, args, { shell: command.endsWith('.cmd'), ...options });
  running.set(child, killSignal);
  child.once('close', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Parameters<typeof start>[2]} [options]
 * @returns {Promise<{ code: number, output: string }>} the output is empty unless options.stdio pipes it;
 *   a program that cannot be started or was killed has code 1
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, options);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The exit code a shell gives for a program that a signal ended. @param {NodeJS.Signals} signal */
export function signalExitCode(signal) {
  return 128 + constants.signals[signal];
}

/**
 * On Ctrl-C or SIGTERM: ends the children, then this process, without a word.
 * @returns {() => void} takes that back
 */
export function endWithChildren() {
  const end = (/** @type {NodeJS.Signals} */ signal) => {
    for (const [child, killSignal] of running) child.kill(killSignal);
    process.exit(signalExitCode(signal));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return () => process.off('SIGINT', end).off('SIGTERM', end);
}
