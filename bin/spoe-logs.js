#!/usr/bin/env node
// Loads the built command line. CommonJS (package.json beside this file): Node starts it some 7 ms sooner than a module,
// and in old syntax an old Node gets as far as the message.
const { existsSync, lstatSync, mkdirSync, realpathSync } = require('node:fs');
const { dirname, isAbsolute, join } = require('node:path');

// By itself Node opens its debugger at this signal, to whoever may connect to it.
process.on('SIGUSR1', () => {});

const [major, minor] = process.versions.node.split('.').map(Number);
const bundle = join(__dirname, '../dist/spoe-logs.cjs');

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`spoe-logs: Node 20.19 or newer is needed, this is ${process.versions.node} (node-too-old)\n`);
  process.exitCode = 2;
} else if (!existsSync(bundle)) {
  process.stderr.write('spoe-logs: not built: run npm run build (not-built)\n');
  process.exitCode = 2;
} else {
  // The compiled code is kept for the next start. NODE_DISABLE_COMPILE_CACHE=1 turns that off, as it does Node's own cache.
  const cache = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : ownFolder();
  if (cache) require('./compiled-code.js').keepCompiledCode(dirname(bundle), cache);
  require(bundle);
}

// Another start may have made it meanwhile.
function makeFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

// Compiled code is run as it lies there, and Node's own choice is a folder in the temporary directory that anybody may
// have made. So the folder must be ours alone, and nobody else, root excepted, may put another one in its place.
function ownFolder() {
  try {
    const uid = process.getuid();
    const { XDG_CACHE_HOME: cache = '', HOME } = process.env;
    // Its standard has no relative ones.
    const caches = isAbsolute(cache) ? cache : join(HOME || require('node:os').homedir(), '.cache');
    const wanted = join(caches, 'spoe-logs');
    // Root with the home of somebody else makes no folders there which that one could not use.
    const missing = [];
    let there = wanted;
    for (; !existsSync(there); there = dirname(there)) missing.unshift(there);
    if (![uid, 0].includes(lstatSync(realpathSync(there)).uid)) return undefined;
    // One by one: Node tries for ever to make a folder with its parents where there can be none, as in /proc.
    for (const path of missing) makeFolder(path);
    const folder = realpathSync(wanted);
    const { uid: owner, mode } = lstatSync(folder);
    if (owner !== uid || (mode & 0o077) !== 0) return undefined;
    for (let above = dirname(folder); ; above = dirname(above)) {
      const parent = lstatSync(above);
      const isOpen = (parent.mode & 0o022) !== 0 && (parent.mode & 0o1000) === 0;
      if ((parent.uid !== uid && parent.uid !== 0) || isOpen) return undefined;
      if (above === dirname(above)) return folder;
    }
  } catch {
    // A system without users, or a home that cannot be written: it starts without a cache.
    return undefined;
  }
}
