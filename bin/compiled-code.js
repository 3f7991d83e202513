// The code that V8 made of a bundle is kept in a folder, and the next start need not compile it. Node's own cache, which 20 lacks,
// keeps what is compiled before anything runs: of a bundle that is a quarter, and the rest is compiled at each start.
const fs = require('node:fs');
const { readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } = fs;
const Module = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

/** V8 runs what it is given: a file that a crash left torn must be known. */
const CHECKSUM_BYTES = 4;
/** Of one bundle and command: versions of Node and installations beside each other. */
const MOST_KEPT = 4;

/**
 * @param {string} bundles the folder whose files are kept compiled
 * @param {string} folder nobody but this user may write into it
 */
function keepCompiledCode(bundles, folder) {
  const load = Module._extensions['.js'];
  Module._extensions['.cjs'] = (module, filename) => {
    if (dirname(filename) !== bundles) return load(module, filename);
    const { source, stats } = readWrapped(filename);
    const script = compiled(source, stats, filename, folder, commandOf(bundles));
    const require = Module.createRequire(filename);
    script.runInThisContext().call(module.exports, module.exports, require, module, filename, bundles);
  };
}

/**
 * As Node wraps it, but without a second copy of what is half a megabyte: two of them are enough for the garbage collector
 * to begin. Bundles are ASCII, which the build sees to.
 */
function readWrapped(filename) {
  const [head, tail] = Module.wrapper;
  const file = fs.openSync(filename, 'r');
  // Of the file that is read, not of one that an update has put in its place meanwhile.
  const stats = fs.fstatSync(file);
  const { size } = stats;
  const wrapped = Buffer.allocUnsafe(head.length + size + tail.length);
  wrapped.latin1Write(head, 0);
  const read = fs.readSync(file, wrapped, head.length, size, 0);
  fs.closeSync(file);
  wrapped.latin1Write(tail, head.length + read);
  return { source: wrapped.latin1Slice(0, head.length + read + tail.length), stats };
}

/** Each command runs other functions, and only those that ran are compiled. */
function commandOf(bundles) {
  const word = process.argv[2] || '';
  const isCommand = /^[a-z]+$/.test(word) && statSync(join(bundles, 'help', `${word}.txt`), { throwIfNoEntry: false });
  return isCommand ? word : 'any';
}

function compiled(source, { size, ctimeMs, ino }, filename, folder, command) {
  // A package of another version has files of the same names and times, but was not unpacked at the same moment; of two
  // in different places each has its own.
  const kind = `${basename(filename)}-${command}-`;
  const made = `${process.version}-${process.arch}-${flagsOf(process)}`;
  const path = join(folder, `${kind}${made}-${size}-${Math.floor(ctimeMs)}-${ino}`);
  const cachedData = readKept(path);
  const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
  // V8 refuses what it made with other settings, or another V8.
  if (cachedData === undefined || script.cachedDataRejected)
    process.once('exit', () => keep(script.createCachedData(), path, kind));
  return script;
}

/** Code that V8 made with other flags it refuses: runs with flags and without would each replace what the other one keeps. */
function flagsOf({ execArgv, env }) {
  return crc32(JSON.stringify([execArgv, env.NODE_OPTIONS])).toString(16);
}

function readKept(path) {
  try {
    const file = readFileSync(path);
    // The checksum is behind it: V8 copies what does not begin at the beginning of a buffer.
    const code = file.subarray(0, -CHECKSUM_BYTES);
    return code.length > 0 && crc32(code) === file.readUInt32LE(code.length) ? code : undefined;
  } catch {
    // Not kept yet.
    return undefined;
  }
}

/** The oldest of too many, of older versions and other places, go. A disk that is full or read-only only makes the next start slower. */
function keep(code, path, kind) {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}`;
  try {
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(crc32(code));
    writeFileSync(temporary, Buffer.concat([code, checksum]), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
    const all = readdirSync(folder)
      .filter((name) => name.startsWith(kind))
      .map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }));
    all.sort((a, b) => b.at - a.at);
    for (const { name } of all.slice(MOST_KEPT)) rmSync(join(folder, name), { force: true });
  } catch {
    rmSync(temporary, { force: true });
  }
}

module.exports = { keepCompiledCode };
