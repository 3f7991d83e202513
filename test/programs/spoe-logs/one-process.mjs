// @ts-check
/**
 * Runs the built command line again and again in one process, for one-process.ts: each message is a run, its answer the
 * outcome. Bundles are loaded once, as by a service that uses the library: a run finds what earlier ones have compiled and
 * looked up, and would fail here if it found more than that.
 */
import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const BUNDLE = fileURLToPath(new URL('../../../dist/spoe-logs.cjs', import.meta.url));
const loaded = new Map();

/** Evaluates a bundle in dist/. @param {string} path @returns what `require` gives for it, and the value of `last`, an expression at its end */
function evaluate(path, last = 'undefined') {
  const module = { exports: {} };
  loaded.set(path, module);
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\nreturn ${last}})`;
  const own = createRequire(path);
  const require = (/** @type {string} */ id) => (id.startsWith('./') ? load(join(dirname(path), id)) : own(id));
  const value = new Script(text, { filename: path }).runInThisContext()(
    module.exports,
    require,
    module,
    path,
    dirname(path),
  );
  return { module, value };
}

/** @type {(path: string) => unknown} */
const load = (path) => (loaded.get(path) ?? evaluate(path).module).exports;

/** The function that the bundle runs when it is loaded; undefined before that. @type {((args: readonly string[]) => unknown) | undefined} */
let main;

/** In place of a pipe. */
class Collected extends Writable {
  text = '';
  constructor() {
    super({ decodeStrings: false, defaultEncoding: 'utf8' });
  }
  /** @param {string} chunk @param {string} _encoding @param {() => void} done @override */
  _write(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
}

let finish = () => undefined;

process.on('message', ({ args, cwd, env }) => {
  /** @type {import('node:events').EventEmitter} */
  const events = process;
  const listening = new Map(events.eventNames().map((name) => [name, events.listeners(name)]));
  const [stdout, stderr] = [new Collected(), new Collected()];
  finish = () => {
    const code = process.exitCode ?? 0;
    process.exitCode = undefined;
    for (const name of events.eventNames())
      for (const listener of events.listeners(name))
        if (!listening.get(name)?.includes(listener)) events.off(name, /** @type {() => void} */ (listener));
    process.channel?.ref();
    process.send?.({ code, stdout: stdout.text, stderr: stderr.text });
  };
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, BUNDLE, ...args];
  Object.defineProperty(process, 'stdout', { value: stdout, configurable: true });
  Object.defineProperty(process, 'stderr', { value: stderr, configurable: true });
  // Node's own has written to the real streams since the first use.
  globalThis.console = new Console({ stdout, stderr });
  // From here on the loop is empty when the run has nothing left to do, which is when its own process would end.
  process.channel?.unref();
  if (main === undefined) main = evaluate(BUNDLE, 'main').value;
  else void main(args);
});

process.on('beforeExit', () => finish());
