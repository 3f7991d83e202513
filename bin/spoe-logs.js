#!/usr/bin/env node
// Loads the built command line. CommonJS (package.json beside this file): Node starts it some 7 ms sooner than a module,
// and in old syntax an old Node gets as far as the message.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const [major, minor] = process.versions.node.split('.').map(Number);
const bundle = join(__dirname, '../dist/spoe-logs.cjs');

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`spoe-logs: Node 20.19 or newer is needed, this is ${process.versions.node} (node-too-old)\n`);
  process.exitCode = 2;
} else if (!existsSync(bundle)) {
  process.stderr.write('spoe-logs: not built: run npm run build (not-built)\n');
  process.exitCode = 2;
} else {
  // Node 22 and newer keep the compiled code for the next start; NODE_DISABLE_COMPILE_CACHE=1 turns that off.
  require('node:module').enableCompileCache?.();
  require(bundle);
}
