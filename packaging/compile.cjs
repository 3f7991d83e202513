// Runs a bundle once, as the executable will, and writes what V8 compiled meanwhile: a later start need not compile it again.
// Usage: node compile.cjs BUNDLE OUTPUT [ARGUMENT…]
const { readFileSync, writeFileSync } = require('node:fs');
const { basename } = require('node:path');
const { Script } = require('node:vm');

const [, , bundle, output, ...args] = process.argv;
const script = new Script(readFileSync(bundle, 'latin1'), { filename: `/spoe-logs/${basename(bundle)}` });
process.on('exit', () => writeFileSync(output, script.createCachedData()));
process.argv.splice(2, process.argv.length, ...args);
const compiled = { exports: {} };
try {
  script.runInThisContext()(compiled.exports, require, compiled, bundle, '/');
  // A command is a bundle that the toolkit's entry calls.
  if (args.length > 0) compiled.exports.command?.readPlain(args)?.();
} catch (error) {
  // A thread's bundle finds here that there is no other thread: it is compiled as far as it came.
  if (!/-(thread|collector)\.cjs$/.test(bundle)) throw error;
}
