// The main script of the self-contained executable. Both programs are in it; the name it is started by says which one runs.
// Their bundles are assets, already compiled: require() and threads find them here, and nothing is written to a disk.
const { getAsset, getRawAsset } = require('node:sea');
const { basename } = require('node:path');
const { Script } = require('node:vm');
const threads = require('node:worker_threads');

/** Where bundles believe to lie: names of threads and of each other are found by it. */
const FOLDER = '/spoe-logs/';
const SUFFIX = '.cjs';

/** A thread runs a bundle of the executable, which the system has no file of. */
class BundleThread extends threads.Worker {
  constructor(url, options) {
    super(
      `globalThis.bundleOfThread = ${JSON.stringify(basename(url.pathname))};\n${getAsset('executable.cjs', 'utf8')}`,
      {
        ...options,
        eval: true,
      },
    );
  }
}

const loaded = new Map();

function load(name) {
  const found = loaded.get(name);
  if (found !== undefined) return found.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const compiled = new Script(Buffer.from(getRawAsset(name)).latin1Slice(), {
    filename: FOLDER + name,
    cachedData: Buffer.from(getRawAsset(`${name}.compiled`)),
  });
  compiled.runInThisContext()(module.exports, requireFor, module, FOLDER + name, FOLDER);
  return module.exports;
}

function requireFor(name) {
  if (name.startsWith('./')) return load(name.slice(2));
  const found = require(name);
  return found === threads ? { ...threads, Worker: BundleThread } : found;
}

if (threads.isMainThread) {
  // By itself Node opens its debugger at this signal, to whoever may connect to it.
  process.on('SIGUSR1', () => {});
  const isToolkit = basename(process.argv0, '.exe') === 'spoe-logs';
  // What was typed leads nowhere from another folder.
  process.argv[1] = process.execPath;
  // A process that this one has started again got it as its script.
  if (process.argv[2] === process.execPath) process.argv.splice(2, 1);
  load(isToolkit ? `spoe-logs${SUFFIX}` : `spoa-mirror${SUFFIX}`);
} else {
  load(globalThis.bundleOfThread);
}
