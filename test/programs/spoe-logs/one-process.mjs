/**
 * Runs the built command line again and again in one process, for one-process.ts: each message is a run, its answer the
 * outcome. The bundle is compiled once and evaluated afresh for each run, so that no run sees a variable of another.
 */
import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const BUNDLE = fileURLToPath(new URL('../../../dist/spoe-logs.cjs', import.meta.url));
const scripts = new Map();

/** What `require` gives for a bundle in dist/; the bundles of one run share `loaded`. */
function load(path, loaded) {
  const known = loaded.get(path);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(path, module);
  if (!scripts.has(path)) {
    const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`;
    scripts.set(path, new Script(text, { filename: path }));
  }
  const own = createRequire(path);
  const require = (id) => (id.startsWith('./') ? load(join(dirname(path), id), loaded) : own(id));
  scripts.get(path).runInThisContext()(module.exports, require, module, path, dirname(path));
  return module.exports;
}

/** In place of a pipe. */
class Collected extends Writable {
  text = '';
  constructor() {
    super({ decodeStrings: false, defaultEncoding: 'utf8' });
  }
  _write(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
}

let finish = () => undefined;

process.on('message', ({ args, cwd, env }) => {
  const listening = new Map(process.eventNames().map((name) => [name, process.listeners(name)]));
  const [stdout, stderr] = [new Collected(), new Collected()];
  finish = () => {
    const code = process.exitCode ?? 0;
    process.exitCode = undefined;
    for (const name of process.eventNames())
      for (const listener of process.listeners(name))
        if (!listening.get(name)?.includes(listener)) process.off(name, listener);
    process.channel.ref();
    process.send({ code, stdout: stdout.text, stderr: stderr.text });
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
  process.channel.unref();
  load(BUNDLE, new Map());
});

process.on('beforeExit', () => finish());
